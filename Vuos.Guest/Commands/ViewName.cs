using Vuos.Guest.Options;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vuname: uname(1) for views; also prints and sets the name of the view.</summary>
internal static class ViewName
{
    public const string Name = "vuname";

    private const string Usage =
        """
        Usage: vuname [OPTION]...
          or:  vuname NAME
        Print information about the system and the view; without an option the same
        as -s. With NAME, set the name of the view.

          -a, --all                everything below, in this order, except -p and -i
          -s, --kernel-name        kernel name
          -n, --nodename           host name
          -r, --kernel-release     kernel release
          -v, --kernel-version     kernel version
          -m, --machine            machine hardware name
          -p, --processor          processor type ("unknown")
          -i, --hardware-platform  hardware platform ("unknown")
          -o, --operating-system   operating system
          -U, --serverid           process id of the hypervisor
          -V, --viewid             name of the view (also -N, --viewname)
          -P, --prompt             name for a prompt: the view's, else host[hypervisor]
          -x, --nouname            fail outside a view instead of asking the kernel
          -q, --silent             no error messages
          -h, --help               show this text
              --version            show the version

        Exit status: 0 success, 1 failure or wrong usage.

        """;

    private const string VersionText =
        "vuname (vuos-actors) " + BuildVersion.Text + "\n" +
        """
        View names in the manner of umviewname (VUOS project) 1.0.
        License MIT. There is no warranty, to the extent permitted by law.

        """;

    private const char Version = '\x01';

    private static readonly OptionSpec[] Specs =
    [
        new('a', "all"), new('s', "kernel-name"), new('n', "nodename"), new('r', "kernel-release"), new('v', "kernel-version"),
        new('m', "machine"), new('p', "processor"), new('i', "hardware-platform"), new('o', "operating-system"), new('U', "serverid"),
        new('V', "viewid"), new('N', "viewname"), new('P', "prompt"), new('x', "nouname"), new('q', "silent"), new('h', "help"),
        new(Version, "version", longOnly: true),
    ];

    public static int Run(CommandContext context, string[] arguments)
    {
        var options = new OptionParser(Specs, arguments);
        var fields = ViewFields.None;
        var (any, onlyView, silent) = (false, false, false);
        while (options.Next())
        {
            any = true;
            switch (options.Code)
            {
                case 'h':
                    return context.Usage(Name, null, Usage, 0);
                case Version:
                    context.Out(VersionText);
                    return context.Done(Name);
                case 'x':
                    onlyView = true;
                    break;
                case 'q':
                    silent = true;
                    break;
                default:
                    fields |= Field(options.Code);
                    break;
            }
        }

        if (options.Error is not null || options.Operands.Length > 1 || (any && !options.Operands.IsEmpty))
        {
            return context.Usage(Name, options, Usage, 1);
        }

        Errno error;
        if (!options.Operands.IsEmpty)
        {
            error = context.Hypervisor.IsPresent ? context.Hypervisor.SetName(options.Operands[0]) : Errno.ENOSYS;
        }
        else
        {
            error = ViewInfo.Read(context, onlyView, out var info);
            if (error == Errno.None)
            {
                context.Out(info.Format(fields == ViewFields.None ? ViewFields.SysName : fields) + "\n");
                return context.Done(Name);
            }
        }

        if (error != Errno.None && !silent)
        {
            context.Error(Name, error);
        }

        return error == Errno.None ? 0 : 1;
    }

    private static ViewFields Field(char option) => option switch
    {
        'a' => ViewFields.All,
        's' => ViewFields.SysName,
        'n' => ViewFields.NodeName,
        'r' => ViewFields.Release,
        'v' => ViewFields.Version,
        'm' => ViewFields.Machine,
        'p' => ViewFields.Processor,
        'i' => ViewFields.Platform,
        'o' => ViewFields.OperatingSystem,
        'U' => ViewFields.ServerId,
        'P' => ViewFields.Prompt,
        _ => ViewFields.ViewName,
    };
}
