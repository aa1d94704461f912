using Vuos.Guest.Options;
using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vuumount: a bare umount2(2).</summary>
internal static unsafe class Unmount
{
    public const string Name = "vuumount";

    private const string Usage =
        """
        Usage: vuumount [OPTION]... TARGET
        Remove the newest mount on TARGET from this view.

          -f, --force         unmount even if it is in use
          -d, --detach-loop   detach now, clean up when the last user has left
          -h, --help          show this text

        Exit status: 0 unmounted, 1 failure or wrong usage, 2 outside a view.

        """;

    private static readonly OptionSpec[] Specs = [new('f', "force"), new('d', "detach-loop"), new('h', "help")];

    public static int Run(CommandContext context, string[] arguments)
    {
        var options = new OptionParser(Specs, arguments);
        var flags = UnmountFlags.None;
        while (options.Next())
        {
            if (options.Code == 'h')
            {
                return context.Usage(Name, null, Usage, 1);
            }

            flags |= options.Code == 'f' ? UnmountFlags.Force : UnmountFlags.Detach;
        }

        if (options.Error is not null || options.Operands.Length != 1)
        {
            return context.Usage(Name, options, Usage, 1);
        }

        if (!context.RequireHypervisor())
        {
            return CommandContext.OutsideStatus;
        }

        fixed (byte* target = ByteText.Terminated(options.Operands[0]))
        {
            var result = context.Kernel.Call(SyscallNumbers.Umount2, (nint)target, (nint)flags);
            return result < 0 ? Mount.Fail(context, Name, (Errno)(-result)) : 0;
        }
    }
}
