namespace Vuos.Actors.Running;

/// <summary>How naming calls reach the tracer.</summary>
public enum TransportKind
{
    /// <summary>Notifications where the kernel offers them, else ptrace stops.</summary>
    Auto,

    /// <summary>Seccomp user notifications for the hot calls, ptrace stops for the rest.</summary>
    Notify,

    /// <summary>Ptrace stops for everything.</summary>
    Ptrace,
}

/// <summary>One mount asked for on the command line, made before the guest's first instruction.</summary>
/// <param name="Type">Module or submodule, e.g. <c>vufs</c>.</param>
/// <param name="Source">Absolute, or relative to the directory the run starts in.</param>
/// <param name="Target">Absolute, or relative to the directory the run starts in.</param>
/// <param name="Options">Comma-separated, as after <c>-o</c>.</param>
/// <param name="Origin">The argument that asked for it, for error messages (e.g. <c>--mount vufs:/a:/b</c>).</param>
public sealed record MountRequest(string Type, string Source, string Target, string Options, string Origin);

/// <summary>Everything <c>vuos-actors run</c> was told; made by the command line, read by the hypervisor.</summary>
public sealed record RunOptions
{
    /// <summary>The guest command and its arguments; not empty.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Modules loaded before the guest starts, in order.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Mounts made before the guest starts, in order. Their modules are loaded when needed.</summary>
    public IReadOnlyList<MountRequest> Mounts { get; init; } = [];

    /// <summary>Programs run to their end in the view before <see cref="Command"/> (rc files), with the argument or path to name in an error.</summary>
    public IReadOnlyList<string> RcFiles { get; init; } = [];

    /// <summary>Initial view name, at most 64 bytes.</summary>
    public string ViewName { get; init; } = "";

    /// <summary>No self-virtualization of modules (umvu's <c>-x</c>): a layer's own accesses see no other layer.</summary>
    public bool NoNesting { get; init; }

    /// <summary>The run ends, and all guests are killed, when the first process ends.</summary>
    public bool KillOnExit { get; init; }

    /// <summary>Mount calls that no module claims get EPERM instead of reaching the host.</summary>
    public bool Seal { get; init; }

    /// <summary>Print where the time went when the run ends.</summary>
    public bool Stats { get; init; }

    public TransportKind Transport { get; init; } = TransportKind.Auto;

    /// <summary>Trapped naming calls of a process before code is put into it that decides those which no mount can concern; 0: never, null: as the settings say.</summary>
    public int? InGuestAfter { get; init; }

    /// <summary>Serilog level name (verbose, debug, information, warning, error, fatal).</summary>
    public string LogLevel { get; init; } = "warning";

    /// <summary>Log to this file instead of standard error; null: standard error.</summary>
    public string? LogFile { get; init; }

    /// <summary>Debug tags switched on at start, as the letters of vudebug.</summary>
    public string DebugTags { get; init; } = "";

    /// <summary>Colours of the debug tags (vudebug's syntax).</summary>
    public string DebugColours { get; init; } = "";

    /// <summary>Also log to syslog up to this level (0…7), or -1.</summary>
    public int SyslogLevel { get; init; } = -1;

    /// <summary>Directory with the guest commands, appended to the guest's PATH; null: none.</summary>
    public string? GuestCommands { get; init; }

    /// <summary>Extra HOCON file merged over the built-in settings; null: none.</summary>
    public string? ConfigFile { get; init; }
}
