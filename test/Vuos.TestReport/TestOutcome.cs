namespace Vuos.TestReport;

/// <summary>How a test ended.</summary>
public enum Outcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One test that ran, was skipped, or should have run.</summary>
/// <param name="Suite">The project it belongs to.</param>
/// <param name="Class">Full name of its class.</param>
/// <param name="Name">What the runner calls it.</param>
/// <param name="Message">Why it failed or was skipped.</param>
public sealed record TestOutcome(string Suite, string Class, string Name, Outcome Outcome, TimeSpan Duration, string Message);
