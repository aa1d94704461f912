using Vuos.Guest.Options;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>vudebug: shows and switches the hypervisor's debug tags.</summary>
internal static class Debug
{
    public const string Name = "vudebug";

    private const string Usage =
        """
        Usage: vudebug [REQUEST]...
          or:  vudebug [REQUEST]... -- COMMAND [ARGUMENT]...
        Show the active debug tags, or switch tags on and off. With COMMAND the
        requests apply to it and what it starts only.

          +TAGS[:COLOUR]   switch on
          -TAGS            switch off
          ?TAGS            list
          TAGS:COLOUR      set the colour only
          -h, --help       show this text

        TAGS are letters, none means all. COLOUR: n w r g b c m y (capital: background),
        + bright, - dim, _ underlined, * blinking, # reversed.

        Exit status: 0 success, 1 failure, 2 wrong usage or outside a view; with COMMAND
        that of the command, 127 if it does not exist, 126 if it cannot run.

        """;

    public static int Run(CommandContext context, string[] arguments)
    {
        if (!context.RequireHypervisor())
        {
            return context.Usage(Name, null, Usage, CommandContext.OutsideStatus);
        }

        var end = Array.IndexOf(arguments, "--");
        var local = end >= 0;
        var command = local ? arguments[(end + 1)..] : [];
        var requests = Parse(local ? arguments.AsSpan(0, end) : arguments);
        if (requests is null || (local && command.Length == 0))
        {
            return context.Usage(Name, null, Usage, 2);
        }

        foreach (ref readonly var request in requests.AsSpan())
        {
            var error = Apply(context, request, local);
            if (error != Errno.None)
            {
                context.Error(Name, error);
                return 1;
            }
        }

        if (local)
        {
            var error = context.Kernel.Execute(command);
            context.Error(Name + ": " + command[0], error);
            return error == Errno.ENOENT ? 127 : 126;
        }

        return requests.Length == 0 ? ShowActive(context) : context.Done(Name);
    }

    /// <summary>All requests, or null if one is malformed: then none is carried out.</summary>
    private static DebugRequest[]? Parse(ReadOnlySpan<string> arguments)
    {
        var requests = new DebugRequest[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "-h" || !DebugRequest.TryParse(arguments[i], out requests[i]))
            {
                return null;
            }
        }

        return requests;
    }

    private static Errno Apply(CommandContext context, in DebugRequest request, bool local)
    {
        if (request.Action == DebugAction.List)
        {
            return List(context, request.Tags);
        }

        if (request.Colour is not null)
        {
            var error = context.Hypervisor.SetDebugColour(request.Tags, request.Colour);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return request.Action == DebugAction.Colour
            ? Errno.None
            : context.Hypervisor.SwitchDebugTags(request.Action == DebugAction.SwitchOn, request.Tags, local);
    }

    private static Errno List(CommandContext context, string tags)
    {
        var error = context.Hypervisor.GetDebugTags(local: false, out var everywhere);
        if (error != Errno.None)
        {
            return error;
        }

        error = context.Hypervisor.GetDebugTags(local: true, out var here);
        if (error != Errno.None)
        {
            return error;
        }

        foreach (var tag in tags.Length > 0 ? tags : DebugRequest.AllTags)
        {
            // A tag nobody named belongs to no module.
            if (context.Hypervisor.GetDebugTagName(tag, out var name) == Errno.None)
            {
                context.Out(tag + (everywhere.Contains(tag) ? " +" : " -") + (here.Contains(tag) ? "(+)" : "   ") + name + "\n");
            }
        }

        return Errno.None;
    }

    private static int ShowActive(CommandContext context)
    {
        var error = context.Hypervisor.GetDebugTags(local: false, out var everywhere);
        if (error == Errno.None && everywhere.Length > 0)
        {
            context.Out(everywhere + "\n");
        }

        if (error == Errno.None)
        {
            error = context.Hypervisor.GetDebugTags(local: true, out var here);
            if (error == Errno.None && here.Length > 0)
            {
                context.Out("(" + here + ")\n");
            }
        }

        if (error != Errno.None)
        {
            context.Error(Name, error);
            return 1;
        }

        return context.Done(Name);
    }
}
