using System.ComponentModel;
using Vuos.Specs.Parsing;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Vuos.Specs.Discovery;

/// <summary>One spec, run as one user over one transport; shown as <c>vufs/nested (root, ptrace)</c>.</summary>
public sealed class SpecTestCase : XunitTestCase
{
    /// <summary>For the test framework, which fills the object in afterwards.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For deserialization only.")]
    public SpecTestCase()
    {
    }

    public SpecTestCase(IMessageSink diagnostics, ITestMethod method, string name, SpecUser user, SpecTransport transport)
        : base(diagnostics, TestMethodDisplay.ClassAndMethod, TestMethodDisplayOptions.None, method, [name, user, transport])
    {
    }

    /// <inheritdoc/>
    protected override string GetDisplayName(IAttributeInfo factAttribute, string displayName) =>
        $"{Name} ({TestMethodArguments[1]}, {TestMethodArguments[2]})".ToLowerInvariant();

    /// <inheritdoc/>
    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        try
        {
            return SpecFiles.WhyNot(SpecFiles.Load(Name), (SpecUser)TestMethodArguments[1]);
        }
        catch (SpecSyntaxException)
        {
            return null;
        }
    }

    private string Name => (string)TestMethodArguments[0];
}
