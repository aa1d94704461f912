namespace Vuos.Actors.Tracing;

/// <summary>What the tracer is told at its start.</summary>
internal sealed record TracerOptions
{
    /// <summary>Hot naming calls are carried by notifications.</summary>
    public required bool Notify { get; init; }

    /// <summary>The run ends with its first process.</summary>
    public bool KillOnExit { get; init; }

    /// <summary>Signals ignored when the hypervisor was started (nohup): the guests inherit that.</summary>
    public ulong IgnoredSignals { get; init; }

    /// <summary>Installing filters needs NO_NEW_PRIVS (we lack CAP_SYS_ADMIN).</summary>
    public required bool NoNewPrivileges { get; init; }

    /// <summary>Trapped naming calls of a process before code is put into it that decides them; 0: never.</summary>
    public int InGuestAfter { get; init; }

    /// <summary>Durations are taken, for <c>--stats</c>.</summary>
    public bool Timed { get; init; }
}
