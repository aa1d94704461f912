using Akka.Configuration;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>Settings of <c>vuos.vudev</c>.</summary>
internal sealed record VudevSettings
{
    /// <summary>The program that serves disk images of virtual machines.</summary>
    public string NbdServer { get; init; } = "qemu-nbd";

    /// <summary>How long it may take until it serves.</summary>
    public TimeSpan NbdStart { get; init; } = TimeSpan.FromSeconds(10);

    public static VudevSettings From(Config config) => new()
    {
        NbdServer = config.GetString("vuos.vudev.nbd-server", "qemu-nbd"),
        NbdStart = config.GetTimeSpan("vuos.vudev.nbd-start", TimeSpan.FromSeconds(10)),
    };
}
