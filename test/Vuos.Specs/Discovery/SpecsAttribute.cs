using Vuos.Specs.Parsing;
using Xunit;
using Xunit.Sdk;

namespace Vuos.Specs.Discovery;

/// <summary>A test method that becomes one test for each spec that is to run as this user over this transport.</summary>
[XunitTestCaseDiscoverer("Vuos.Specs.Discovery.SpecDiscoverer", "Vuos.Specs")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpecsAttribute(SpecUser user, SpecTransport transport) : FactAttribute
{
    public SpecUser User { get; } = user;

    public SpecTransport Transport { get; } = transport;
}
