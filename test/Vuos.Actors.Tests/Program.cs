using System.Globalization;
using Vuos.Actors.Running;

namespace Vuos.Actors.Tests;

/// <summary>
/// The test assembly as a program: <c>TRANSPORT MODULE SOURCE TARGET COMMAND…</c> runs a hypervisor with one layer ("-" for no module). A hypervisor changes the signals of its
/// process, so it never runs inside the test host.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => Hypervisor.Run(new RunOptions
    {
        Transport = Enum.Parse<TransportKind>(arguments[0]),
        Mounts = arguments[1] == "-" ? [] : [new MountRequest(arguments[1], arguments[2], arguments[3], "", "test")],
        Command = arguments[4..],
        Stats = true,
        InGuestAfter = Environment.GetEnvironmentVariable("VUOS_IN_GUEST") is { } calls ? int.Parse(calls, CultureInfo.InvariantCulture) : null,
    });
}
