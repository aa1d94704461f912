namespace Vuos.Specs.Parsing;

/// <summary>Who runs a spec.</summary>
public enum SpecUser
{
    Root,
    Unprivileged,
}

/// <summary>Which of the hypervisor's transports carries the naming calls of a run.</summary>
public enum SpecTransport
{
    Ptrace,
    Notify,
}

/// <summary>Where a command is typed.</summary>
public enum PromptKind
{
    /// <summary><c>$ </c>: a shell of the host, no hypervisor.</summary>
    Host,

    /// <summary><c>$$ </c>: a shell under the hypervisor.</summary>
    Guest,
}

/// <summary>One expected line of output and where it stands in the spec.</summary>
public sealed record ExpectedLine(int Number, string Text);

/// <summary>Something typed while a command runs.</summary>
/// <param name="Number">Line in the spec.</param>
/// <param name="After">How many of the step's expected lines must have been printed before.</param>
/// <param name="Bytes">What is sent to the terminal.</param>
/// <param name="IsSignal">A control character that the terminal turns into a signal for the foreground process group.</param>
public sealed record TypedInput(int Number, int After, byte[] Bytes, bool IsSignal);

/// <summary>One command with its expected output.</summary>
public sealed record SpecStep(int Number, PromptKind Prompt, IReadOnlyList<string> Command, IReadOnlyList<ExpectedLine> Output, IReadOnlyList<TypedInput> Inputs);

/// <summary>One transcript.</summary>
public sealed record Spec
{
    /// <summary>Path below <c>specs/</c> without <c>.spec</c>, e.g. <c>vufs/nested</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The sentence that says what is shown.</summary>
    public required string Summary { get; init; }

    public required IReadOnlyList<SpecStep> Steps { get; init; }

    public IReadOnlyList<SpecUser> Users { get; init; } = [SpecUser.Root, SpecUser.Unprivileged];

    public IReadOnlyList<SpecTransport> Transports { get; init; } = [SpecTransport.Ptrace, SpecTransport.Notify];

    /// <summary>Options of <c>vuos-actors run</c> for the <c>$$ </c> shell.</summary>
    public IReadOnlyList<string> RunOptions { get; init; } = ["--seal"];

    /// <summary>Programs without which the spec is skipped.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>How long one command may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(90);
}

/// <summary>A spec that cannot be understood; the message names the line.</summary>
public sealed class SpecSyntaxException(string name, int line, string problem) : Exception($"{name}.spec:{line}: {problem}");
