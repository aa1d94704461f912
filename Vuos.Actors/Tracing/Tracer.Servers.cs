using Vuos.Actors.Guests;

namespace Vuos.Actors.Tracing;

/// <summary>Guests that serve layers: they are no reason for the run to go on.</summary>
internal sealed partial class Tracer
{
    private bool toldServersAlone;
    private bool layersEnded;

    /// <summary>Called when only servers of layers are left. Once.</summary>
    public Action? ServersAlone { get; set; }

    /// <summary>Whether the process with this id holds a /dev/fuse that is mounted.</summary>
    public Func<int, bool> HoldsMounted { get; set; } = static _ => false;

    /// <summary>Looks whether only servers are left, which nobody waits for.</summary>
    public void LookForServersAlone()
    {
        if (processes.Count == 0 || mainStatus is null || !lastCommand)
            return;
        if (toldServersAlone)
        {
            EndHelpers();
            return;
        }

        foreach (var process in processes.Values)
        {
            if (!process.Serves && !process.Helps && !HoldsMounted(process.Pid))
                return;
        }

        toldServersAlone = true;
        if (ServersAlone is { } tell)
            tell();
        else
            KillAll();
    }

    /// <summary>No layer is left: servers that were started by hand end by themselves, what they need ends with the last of them.</summary>
    public void LayersEnded()
    {
        layersEnded = true;
        EndHelpers();
    }

    private void EndHelpers()
    {
        if (!layersEnded)
            return;
        foreach (var process in processes.Values)
        {
            if (!process.Serves && !process.Helps)
                return;
        }

        KillAll();
    }

    /// <summary>What a server executes without its device helps it.</summary>
    private void LookForHelper(GuestProcess process)
    {
        if (process is { Mounted: true, Helps: false } && !HoldsMounted(process.Pid))
            process.Helps = true;
    }
}
