namespace Vuos.Guest.Commands;

/// <summary>Which command a name stands for.</summary>
internal static class CommandTable
{
    private const string SelfName = "vuos-guest";

    private const string Usage =
        """
        Usage: vuos-guest COMMAND [ARGUMENT]...
        Run one of the commands for processes inside a vuos view. A link to this
        program with the name of a command runs that command.

        Commands: vu_insmod vu_lsmod vu_rmmod vumount vuumount vuname vudebug

        """;

    /// <summary>Runs the command that <paramref name="program"/> (argv[0]) or, failing that, the first argument names.</summary>
    public static int Run(CommandContext context, string program, string[] arguments)
    {
        var name = program[(program.LastIndexOf('/') + 1)..];
        if (TryRun(context, name, arguments, out var status))
        {
            return status;
        }

        if (arguments.Length > 0 && TryRun(context, arguments[0], arguments[1..], out status))
        {
            return status;
        }

        if (arguments.Length > 0 && arguments[0] is not ("-h" or "--help"))
        {
            context.Error(SelfName + ": " + arguments[0] + ": no such command\n");
        }

        context.Error(Usage);
        return 2;
    }

    private static bool TryRun(CommandContext context, string name, string[] arguments, out int status)
    {
        int? result = name switch
        {
            InsertModule.Name => InsertModule.Run(context, arguments),
            ListModules.Name => ListModules.Run(context, arguments),
            RemoveModule.Name => RemoveModule.Run(context, arguments),
            Mount.Name => Mount.Run(context, arguments),
            Unmount.Name => Unmount.Run(context, arguments),
            ViewName.Name => ViewName.Run(context, arguments),
            Debug.Name => Debug.Run(context, arguments),
            _ => null,
        };
        status = result ?? 0;
        return result is not null;
    }
}
