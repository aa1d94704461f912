using Vuos.Specs.Parsing;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Vuos.Specs.Discovery;

/// <summary>Makes the test cases of a <see cref="SpecsAttribute"/> method.</summary>
public sealed class SpecDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        SpecUser user = factAttribute.GetNamedArgument<SpecUser>(nameof(SpecsAttribute.User));
        SpecTransport transport = factAttribute.GetNamedArgument<SpecTransport>(nameof(SpecsAttribute.Transport));
        foreach (string name in SpecFiles.Names())
        {
            if (Wants(name, user, transport))
                yield return new SpecTestCase(diagnostics, testMethod, name, user, transport);
        }
    }

    // A spec that cannot be parsed becomes a test all the same, which fails with the reason.
    private static bool Wants(string name, SpecUser user, SpecTransport transport)
    {
        try
        {
            Spec spec = SpecFiles.Load(name);
            return spec.Users.Contains(user) && spec.Transports.Contains(transport);
        }
        catch (SpecSyntaxException)
        {
            return true;
        }
    }
}
