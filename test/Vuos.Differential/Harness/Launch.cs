namespace Vuos.Differential.Harness;

/// <summary>Whose credentials a program runs with.</summary>
public enum User
{
    /// <summary>User 0, in a mount namespace of its own.</summary>
    Root,

    /// <summary>User 65534 with no groups and no capabilities.</summary>
    Nobody,

    /// <summary>Whoever runs the tests, when that is not root.</summary>
    Self,
}

/// <summary>What lies between the program and the kernel.</summary>
public enum View
{
    /// <summary>No hypervisor.</summary>
    Native,

    /// <summary>The hypervisor with no layer.</summary>
    NoLayer,

    /// <summary>A bind of directories the program never names.</summary>
    Unrelated,

    /// <summary>The program's directory is seen through a bind.</summary>
    Inside,
}

/// <summary>One run to be made.</summary>
/// <param name="Command">Program and arguments; in them and in the working directory, paths are those of the view.</param>
/// <param name="Directory">Path of the working directory, in the view.</param>
/// <param name="Source">What is bound at <paramref name="Directory"/> for <see cref="View.Inside"/>.</param>
/// <param name="Transport">A word of <c>run --transport</c>; empty: none given.</param>
public sealed record Launch(User User, View View, string Transport, string Directory, string Source, IReadOnlyList<string> Command)
{
    /// <summary>Limit of the run; afterwards everything it started is killed.</summary>
    public TimeSpan Timeout { get; init; } = Settings.SmallTimeout;

    /// <summary>More options of <c>vuos-actors run</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>A word for reports, e.g. <c>nobody/inside/notify</c>.</summary>
    public string Name => View == View.Native ? $"{User}/native".ToLowerInvariant() : $"{User}/{View}/{Transport}".ToLowerInvariant();
}

/// <summary>What a run gave.</summary>
/// <param name="Status">Exit status, 128+N for a death by signal N.</param>
/// <param name="TimedOut">It had to be killed.</param>
/// <param name="Leftover">Processes of the run that were alive after its end, as <c>pid name</c>; they have been killed.</param>
public sealed record Outcome(int Status, bool TimedOut, string Output, string Errors, IReadOnlyList<string> Leftover)
{
    /// <summary>The line that stands for <see cref="TimedOut"/>.</summary>
    public const string Hung = "TIMED OUT";

    /// <summary>Everything that must be equal, as lines.</summary>
    public List<string> Lines()
    {
        var lines = Output.Split('\n').ToList();
        lines.AddRange(Errors.Split('\n').Where(l => l.Length > 0).Select(l => "stderr: " + l));
        lines.Add($"status: {Status}");
        if (TimedOut)
            lines.Add(Hung);
        lines.AddRange(Leftover.Select(l => "left over: " + l[(l.IndexOf(' ') + 1)..]));
        return lines;
    }
}
