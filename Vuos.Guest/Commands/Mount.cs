using Vuos.Guest.Options;
using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vumount: a bare mount(2), without the checks of mount(8) that need a real root.</summary>
internal static unsafe class Mount
{
    public const string Name = "vumount";

    private const string Usage =
        """
        Usage: vumount [OPTION]... SOURCE TARGET
        Mount SOURCE on TARGET in this view.

          -t, --types TYPE        module or submodule that serves the mount
          -o, --options LIST      comma-separated mount options
          -r, --read-only         mount read-only (same as -o ro)
          -w, --rw, --read-write  mount read-write (the default)
          -B, --bind              show a subtree elsewhere (same as -o bind)
          -M, --move              move a subtree elsewhere (same as -o move)
          -R, --rbind             show a subtree and what is mounted below it elsewhere
          -h, --help              show this text

        Exit status: 0 mounted, 1 failure or wrong usage, 2 outside a view.

        """;

    // umvu passes this word when no -o is given, and modules know it.
    private const string DefaultData = "defaults";

    private static readonly OptionSpec[] Specs =
    [
        new('t', "types", takesArgument: true), new('o', "options", takesArgument: true), new('r', "read-only"), new('w', "rw"),
        new('w', "read-write"), new('B', "bind"), new('M', "move"), new('R', "rbind"), new('h', "help"),
    ];

    public static int Run(CommandContext context, string[] arguments)
    {
        var options = new OptionParser(Specs, arguments);
        var mount = new MountOptions(MountFlags.Silent);
        var type = "";
        while (options.Next())
        {
            switch (options.Code)
            {
                case 't':
                    type = options.Value;
                    break;
                case 'o':
                    mount.Add(options.Value);
                    break;
                case 'r':
                    mount.Set(MountFlags.ReadOnly);
                    break;
                case 'w':
                    mount.Clear(MountFlags.ReadOnly);
                    break;
                case 'B':
                    mount.Set(MountFlags.Bind);
                    break;
                case 'M':
                    mount.Set(MountFlags.Move);
                    break;
                case 'R':
                    mount.Set(MountFlags.Bind | MountFlags.Recursive);
                    break;
                default:
                    return context.Usage(Name, null, Usage, 1);
            }
        }

        if (options.Error is not null || options.Operands.Length != 2)
        {
            return context.Usage(Name, options, Usage, 1);
        }

        // Outside, root would make a real mount on the host.
        if (!context.RequireHypervisor())
        {
            return CommandContext.OutsideStatus;
        }

        var error = Call(context.Kernel, options.Operands[0], options.Operands[1], type, mount.Flags, mount.Data ?? DefaultData);
        return error == Errno.None ? 0 : Fail(context, Name, error);
    }

    /// <summary>Tells why a mount or unmount failed: the error, and what the hypervisor knows about it. Returns the exit status.</summary>
    public static int Fail(CommandContext context, string name, Errno error)
    {
        // The question must be asked before anything else is, it is about the last request.
        var sentence = context.Hypervisor.GetLastError();
        context.Error(name, error);
        if (sentence.Length > 0)
        {
            context.Error(name + ": " + sentence + "\n");
        }

        return 1;
    }

    private static Errno Call(ISyscalls kernel, string source, string target, string type, MountFlags flags, string data)
    {
        fixed (byte* sourceStart = ByteText.Terminated(source), targetStart = ByteText.Terminated(target),
            typeStart = ByteText.Terminated(type), dataStart = ByteText.Terminated(data))
        {
            var result = kernel.Call(
                SyscallNumbers.Mount, (nint)sourceStart, (nint)targetStart, (nint)typeStart, (nint)(uint)flags, (nint)dataStart);
            return result < 0 ? (Errno)(-result) : Errno.None;
        }
    }
}
