using Vuos.Specs.Discovery;
using Vuos.Specs.Parsing;
using Vuos.Specs.Running;

namespace Vuos.Specs;

/// <summary>All specs as root with ptrace stops only. (One class per combination: classes run in parallel.)</summary>
public sealed class RootPtraceSpecs
{
    [Specs(SpecUser.Root, SpecTransport.Ptrace)]
    public void Prints_what_it_says(string name, SpecUser user, SpecTransport transport) => SpecAssert.Holds(name, user, transport);
}

/// <summary>All specs as root with notifications.</summary>
public sealed class RootNotifySpecs
{
    [Specs(SpecUser.Root, SpecTransport.Notify)]
    public void Prints_what_it_says(string name, SpecUser user, SpecTransport transport) => SpecAssert.Holds(name, user, transport);
}

/// <summary>All specs as an unprivileged user with ptrace stops only.</summary>
public sealed class UnprivilegedPtraceSpecs
{
    [Specs(SpecUser.Unprivileged, SpecTransport.Ptrace)]
    public void Prints_what_it_says(string name, SpecUser user, SpecTransport transport) => SpecAssert.Holds(name, user, transport);
}

/// <summary>All specs as an unprivileged user with notifications.</summary>
public sealed class UnprivilegedNotifySpecs
{
    [Specs(SpecUser.Unprivileged, SpecTransport.Notify)]
    public void Prints_what_it_says(string name, SpecUser user, SpecTransport transport) => SpecAssert.Holds(name, user, transport);
}

/// <summary>Runs a spec of the repository against the program.</summary>
internal static class SpecAssert
{
    public static void Holds(string name, SpecUser user, SpecTransport transport)
    {
        if (SpecRunner.Run(SpecFiles.Load(name), user, transport, ProgramUnderTest.ForEverybody) is { } problem)
            throw new SpecFailedException(problem);
    }
}

/// <summary>A spec that does not hold. Its message says where; a stack trace of the runner would only hide it.</summary>
internal sealed class SpecFailedException(string message) : Xunit.Sdk.XunitException(message)
{
    /// <inheritdoc/>
    public override string? StackTrace => null;
}
