using Vuos.Specs.Matching;
using Vuos.Specs.Parsing;
using Vuos.Specs.Terminal;

namespace Vuos.Specs.Running;

/// <summary>Runs one spec as one user over one transport.</summary>
public sealed class SpecRunner : IDisposable
{
    /// <summary>Limit for a shell to show its first prompt; a spec's own limit is for its commands.</summary>
    private static readonly TimeSpan _starting = TimeSpan.FromSeconds(120);

    private readonly Spec _spec;
    private readonly SpecSandbox _sandbox;
    private readonly Dictionary<PromptKind, InteractiveShell> _shells = [];

    private SpecRunner(Spec spec, SpecUser user, SpecTransport transport, string program)
    {
        _spec = spec;
        _sandbox = new SpecSandbox(spec, user, transport, program);
    }

    /// <summary>Runs the spec. Returns what is wrong, for a person to read; null when nothing is.</summary>
    public static string? Run(Spec spec, SpecUser user, SpecTransport transport, string program)
    {
        using SpecRunner runner = new(spec, user, transport, program);
        return runner.Run();
    }

    public void Dispose()
    {
        foreach (InteractiveShell shell in _shells.Values)
            shell.Dispose();
        _sandbox.Dispose();
    }

    private string? Run()
    {
        foreach (SpecStep step in _spec.Steps)
        {
            if (RunStep(step) is { } problem)
                return problem;
        }

        SpecStep last = _spec.Steps[^1];
        foreach (InteractiveShell shell in _shells.Values)
        {
            if (!shell.Exit(_spec.Timeout))
                return Report(last, null, $"the run did not end after 'exit' within {_spec.Timeout.TotalSeconds} s\n{shell.Output}");
        }

        IReadOnlyList<string> left = _sandbox.CleanUp();
        return left.Count == 0 ? null : Report(last, null, "something is left behind\n" + string.Join('\n', left));
    }

    private string? RunStep(SpecStep step)
    {
        if (!_shells.TryGetValue(step.Prompt, out InteractiveShell? shell))
        {
            _shells[step.Prompt] = shell = _sandbox.StartShell(step.Prompt);
            if (!shell.WaitForPrompt(_starting))
                return Report(step, null, "the shell did not start\n" + shell.Output);
        }

        LinePattern[] expected = [.. step.Output.Select(line => new LinePattern(line.Text, _sandbox.Variables))];
        shell.Send(step.Command);
        foreach (TypedInput input in step.Inputs)
        {
            if (!shell.WaitForOutput(output => new TranscriptMatcher(expected[..input.After], Lines(output)).IsPrefixMatch, _spec.Timeout))
                return Report(step, new TranscriptMatcher(expected, Lines(shell.Output)), $"what should be printed before line {input.Number} was not");
            if (input.IsSignal && !shell.WaitForForegroundJob(_spec.Timeout))
                return Report(step, null, $"no command in the foreground at line {input.Number}");
            shell.Type(input.Bytes);
        }

        bool prompted = shell.WaitForPrompt(_spec.Timeout);
        TranscriptMatcher matcher = new(expected, Lines(shell.Output));
        if (!prompted)
            return Report(step, matcher, $"no prompt within {_spec.Timeout.TotalSeconds} s, or the shell died");
        return matcher.IsMatch ? null : Report(step, matcher, "printed something else");
    }

    private string Report(SpecStep step, TranscriptMatcher? matcher, string problem) => FailureReport.Write(_spec, step, matcher, problem);

    // Blank lines at the end cannot be told from the ones that separate commands in the spec.
    private static string[] Lines(string output)
    {
        string trimmed = output.TrimEnd('\n');
        return trimmed.Length == 0 ? [] : trimmed.Split('\n');
    }
}
