using System.Globalization;
using System.Text;
using Vuos.Actors.Running;
using Vuos.Native.Control;

namespace Vuos.Cli;

/// <summary>The options of both dialects: names, help, and what each does. Parser, help and documentation derive from it.</summary>
internal static class RunOptionTable
{
    private const char None = RunOption.NoLetter;

    private static readonly RunOption Help = new('h', "help", null, "print this help and exit", static (d, _, _) => { d.Help = true; return null; });

    private static readonly RunOption NoRc = new('N', "norc", null, "run no rc file", static (d, _, _) => { d.NoRc = true; return null; });

    private static readonly RunOption DebugTags = new('d', "debugtags", "TAGS", "switch debug tags on, as letters of vudebug", static (d, v, _) =>
    {
        if (!Debugging.AreTags(v))
            return "a debug tag is a letter, a digit or an underscore";
        d.DebugTags += v;
        return null;
    });

    private static readonly RunOption DebugColours = new('D', "debugcols", "SPEC", "colours of debug tags, e.g. c:r,p:b+", static (d, v, _) =>
    {
        if (!Debugging.AreColours(v))
            return "a colour is TAGS:COLOUR, with letters of nwrgbcmy (upper case: background) and the signs +-_*#";
        d.DebugColours = d.DebugColours.Length == 0 ? v : d.DebugColours + "," + v;
        return null;
    });

    /// <summary>Options of <c>vuos-actors run</c>.</summary>
    public static IReadOnlyList<RunOption> VuosActors { get; } =
    [
        new('m', "module", "MODULE", "load MODULE before the command starts (repeatable)", static (d, v, o) => { d.AddModule(v, o); return null; }),
        new(None, "mount", "TYPE:SOURCE:TARGET[:OPTIONS]", "mount before the command starts (repeatable); \\: is a colon", MountSyntax.ApplyMount),
        new('b', "bind", "SOURCE[:TARGET]", "show SOURCE at TARGET, or where it is, by a vufs mount (repeatable)", MountSyntax.ApplyBind),
        new(None, "view", "FILE", "take modules, mounts and settings from a HOCON file (repeatable)", ViewFile.Apply),
        new('V', "name", "NAME", "name of the view, at most 64 bytes", Name),
        new(None, "kill-on-exit", null, "end the run, and kill what is left, when COMMAND ends", static (d, _, _) => { d.KillOnExit = true; return null; }),
        new(None, "seal", null, "refuse mount calls that no module claims (EPERM)", static (d, _, _) => { d.Seal = true; return null; }),
        new(None, "stats", null, "print where the time went when the run ends", static (d, _, _) => { d.Stats = true; return null; }),
        new('x', "nonesting", null, "a layer's own accesses see no other layer", NoNesting),
        new(None, "transport", "auto|notify|ptrace", "how system calls reach the hypervisor", Transport),
        new(None, "in-guest", "CALLS|off", "after how many naming calls a process decides itself those that no layer concerns", InGuest),
        new(None, "log-file", "FILE", "log to the end of FILE instead of standard error", static (d, v, o) => LogFile(d, v, o, truncate: false)),
        new(None, "log-level", "LEVEL", "verbose, debug, information, warning (default), error or fatal", static (d, v, _) =>
        {
            if (!LogLevels.TryName(v, out var level))
                return "the level is one of verbose, debug, information, warning, error, fatal";
            d.LogLevel = level;
            return null;
        }),
        DebugTags with { Long = "debug" },
        DebugColours with { Long = "debug-colours" },
        new(None, "config", "FILE", "merge a HOCON file over the built-in settings", static (d, v, _) => ConfigFile(d, v)),
        new('f', "rc", "FILE", "run FILE in the view first, instead of /etc/vurc and ~/.vurc", RcFile),
        NoRc,
        Help,
    ];

    /// <summary>Options of <c>umvu</c>.</summary>
    public static IReadOnlyList<RunOption> Umvu { get; } =
    [
        Help,
        new('x', "nonesting", null, "no self-virtualization of modules", NoNesting),
        new('S', "noseccomp", null, "trace without seccomp notifications", static (d, _, _) => { d.Transport = TransportKind.Ptrace; return null; }),
        new(None, "seccomp", null, "trace with seccomp where the kernel offers it (default)", static (d, _, _) => { d.Transport = TransportKind.Auto; return null; }),
        new('f', "rc", "FILE", "run FILE in the view first, instead of /etc/vurc and ~/.vurc", RcFile),
        NoRc,
        new('V', "vu_name", "NAME", "name of the view, at most 64 bytes", Name),
        new('o', "output", "FILE", "log to FILE, emptied first, instead of standard error", static (d, v, o) => LogFile(d, v, o, truncate: true)),
        DebugTags,
        DebugColours,
        new('l', "loglevel", "N", "console log level, 0 (emergency) to 7 (debug), default 4", static (d, v, _) =>
        {
            if (!LogLevels.TryNumber(v, out var number))
                return "the level is a number from 0 to 7";
            d.LogLevel = LogLevels.OfNumber(number);
            return null;
        }),
        new('s', "syslog", "N", "also log to syslog up to level N, 0 to 7", static (d, v, _) =>
        {
            if (!LogLevels.TryNumber(v, out var number))
                return "the level is a number from 0 to 7";
            d.SyslogLevel = number;
            return null;
        }),
    ];

    /// <summary>What is wrong with a view name, or null.</summary>
    public static string? NameProblem(string name) =>
        Encoding.UTF8.GetByteCount(name) > ControlProtocol.MaxViewName ? $"the name is longer than {ControlProtocol.MaxViewName} bytes" : null;

    private static string? Name(RunDraft draft, string value, string origin)
    {
        draft.Name = value;
        return NameProblem(value);
    }

    private static string? NoNesting(RunDraft draft, string value, string origin)
    {
        draft.NoNesting = true;
        return null;
    }

    private static string? Transport(RunDraft draft, string value, string origin)
    {
        TransportKind? kind = value switch
        {
            "auto" => TransportKind.Auto,
            "notify" => TransportKind.Notify,
            "ptrace" => TransportKind.Ptrace,
            _ => null,
        };
        draft.Transport = kind ?? draft.Transport;
        return kind is null ? "the transport is one of auto, notify, ptrace" : null;
    }

    private static string? InGuest(RunDraft draft, string value, string origin)
    {
        draft.InGuestAfter = value == "off" ? 0 : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var calls) && calls > 0 ? calls : -1;
        return draft.InGuestAfter < 0 ? "this is a number of calls, or off" : null;
    }

    private static string? LogFile(RunDraft draft, string value, string origin, bool truncate)
    {
        draft.LogFile = value;
        draft.LogFileOrigin = origin;
        draft.TruncateLogFile = truncate;
        return value.Length == 0 ? "the file name is empty" : null;
    }

    private static string? RcFile(RunDraft draft, string value, string origin)
    {
        draft.RcFile = value;
        draft.RcOrigin = origin;
        return value.Length == 0 ? "the file name is empty" : null;
    }

    private static string? ConfigFile(RunDraft draft, string value)
    {
        draft.ConfigFile = draft.Surroundings.Absolute(value);
        return Hocon.TryRead(draft.ConfigFile, out _, out var problem) ? null : problem;
    }
}
