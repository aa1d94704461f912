using Vuos.Guest.Options;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vu_rmmod: removes modules from the hypervisor.</summary>
internal static class RemoveModule
{
    public const string Name = "vu_rmmod";

    private const string Usage =
        """
        Usage: vu_rmmod [OPTION]... MODULE...
        Remove modules from the hypervisor, from left to right.

          -h, --help   show this text

        Exit status: 0 all removed, 1 some were not, 2 wrong usage or outside a view.

        """;

    private static readonly OptionSpec[] Specs = [new('h', "help")];

    public static int Run(CommandContext context, string[] arguments)
    {
        if (!context.RequireHypervisor())
        {
            return context.Usage(Name, null, Usage, CommandContext.OutsideStatus);
        }

        var options = new OptionParser(Specs, arguments);
        if (options.Next() || options.Error is not null || options.Operands.IsEmpty)
        {
            return context.Usage(Name, options, Usage, 2);
        }

        var status = 0;
        foreach (var module in options.Operands)
        {
            var error = context.Hypervisor.RemoveModule(module);
            if (error != Errno.None)
            {
                context.Error(module, error);
                status = 1;
            }
        }

        return status;
    }
}
