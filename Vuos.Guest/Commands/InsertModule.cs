using Vuos.Guest.Options;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vu_insmod: loads modules into the hypervisor.</summary>
internal static class InsertModule
{
    public const string Name = "vu_insmod";

    private const string Usage =
        """
        Usage: vu_insmod [OPTION]... MODULE...
        Load modules into the hypervisor, from left to right.

          -p, --permanent   the modules can never be removed
          -h, --help        show this text

        Exit status: 0 all loaded, 1 some were not, 2 wrong usage or outside a view.

        """;

    private static readonly OptionSpec[] Specs = [new('p', "permanent"), new('h', "help")];

    public static int Run(CommandContext context, string[] arguments)
    {
        if (!context.RequireHypervisor())
        {
            return context.Usage(Name, null, Usage, CommandContext.OutsideStatus);
        }

        var options = new OptionParser(Specs, arguments);
        var permanent = false;
        while (options.Next())
        {
            if (options.Code == 'h')
            {
                return context.Usage(Name, null, Usage, 2);
            }

            permanent = true;
        }

        if (options.Error is not null || options.Operands.IsEmpty)
        {
            return context.Usage(Name, options, Usage, 2);
        }

        // One that cannot be loaded does not keep the others out.
        var status = 0;
        foreach (var module in options.Operands)
        {
            var error = context.Hypervisor.LoadModule(module, permanent);
            if (error != Errno.None)
            {
                context.Error(module, error);
                status = 1;
            }
        }

        return status;
    }
}
