using Vuos.Guest.Options;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vu_lsmod: lists the loaded modules.</summary>
internal static class ListModules
{
    public const string Name = "vu_lsmod";

    private const string Usage =
        """
        Usage: vu_lsmod [OPTION]
        List the modules of the hypervisor, one "name: description" a line, oldest first.

          -h, --help   show this text

        Exit status: 0 listed, 1 failure, 2 wrong usage or outside a view.

        """;

    private static readonly OptionSpec[] Specs = [new('h', "help")];

    public static int Run(CommandContext context, string[] arguments)
    {
        if (!context.RequireHypervisor())
        {
            return context.Usage(Name, null, Usage, CommandContext.OutsideStatus);
        }

        var options = new OptionParser(Specs, arguments);
        if (options.Next() || options.Error is not null || !options.Operands.IsEmpty)
        {
            return context.Usage(Name, options, Usage, 2);
        }

        var error = context.Hypervisor.ListModules(out var list);
        if (error != Errno.None)
        {
            context.Error(Name, error);
            return 1;
        }

        context.Out(list);
        return context.Done(Name);
    }
}
