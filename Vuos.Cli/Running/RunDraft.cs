using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>What the options said so far, in the order they said it.</summary>
internal sealed class RunDraft
{
    public required RunSurroundings Surroundings { get; init; }

    public List<string> Modules { get; } = [];

    /// <summary>For each entry of <see cref="Modules"/>, the argument that asked for it.</summary>
    public List<string> ModuleOrigins { get; } = [];

    public List<MountRequest> Mounts { get; } = [];

    /// <summary>Name given on the command line; wins over one from a view file.</summary>
    public string? Name { get; set; }

    public string NameFromView { get; set; } = "";

    /// <summary>null: the two default files; empty: none.</summary>
    public string? RcFile { get; set; }

    public string RcOrigin { get; set; } = "";

    public bool NoRc { get; set; }

    public bool Help { get; set; }

    public bool NoNesting { get; set; }

    public bool KillOnExit { get; set; }

    public bool Seal { get; set; }

    public bool Stats { get; set; }

    public TransportKind Transport { get; set; } = TransportKind.Auto;

    public int? InGuestAfter { get; set; }

    public string LogLevel { get; set; } = LogLevels.Default;

    public string? LogFile { get; set; }

    public string LogFileOrigin { get; set; } = "";

    /// <summary>umvu empties its output file; <c>--log-file</c> appends.</summary>
    public bool TruncateLogFile { get; set; }

    public string DebugTags { get; set; } = "";

    public string DebugColours { get; set; } = "";

    public int SyslogLevel { get; set; } = -1;

    public string? ConfigFile { get; set; }

    /// <summary>Notes a module once, however often it is asked for.</summary>
    public void AddModule(string name, string origin)
    {
        if (Modules.Contains(name))
            return;
        Modules.Add(name);
        ModuleOrigins.Add(origin);
    }
}
