using Vuos.Actors.Views;
using Vuos.Native.InGuest;

namespace Vuos.Actors.Guests;

/// <summary>What was put into an address space so that naming calls are decided there (<see cref="InGuestCode"/>). Kept as the tracer wrote it: a guest that changes it harms itself.</summary>
internal sealed class InGuestSpace
{
    private readonly List<long> sites = [];

    /// <summary>The code is there.</summary>
    public bool IsMapped { get; set; }

    /// <summary>It could not be put there, which is not tried again.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Address of the page with the thunks.</summary>
    public long Thunks { get; set; }

    public int ThunkCount { get; set; }

    /// <summary>Flags and names as they were last written.</summary>
    public InGuestFlags Flags { get; set; }

    public NameSet? Names { get; set; }

    /// <summary>The version that was last written: even when all is.</summary>
    public uint Version { get; set; }

    /// <summary>What is opened there may be logged.</summary>
    public bool Logs { get; set; }

    /// <summary>Up to where the log has been read.</summary>
    public uint LogHead { get; set; }

    /// <summary>The names that the code in the guest takes for known: of which memory, how many of them had been lost then, in which working directory, and after how many renames.</summary>
    public (NameMemory? Names, long Losses, byte[]? Cwd, long Renames) Known { get; set; }

    /// <summary>Positions before that whose writers were not ready.</summary>
    public List<uint> LateEntries { get; } = [];

    /// <summary>Processes with views of their own share it: what one may decide the other may not.</summary>
    public bool IsForbidden { get; set; }

    /// <summary>Whether a site was looked at, with success or without.</summary>
    public bool Knows(long site) => sites.Contains(site);

    public void Note(long site) => sites.Add(site);

    /// <summary>A copy for fork: the child has the same pages.</summary>
    public InGuestSpace Copy()
    {
        var copy = new InGuestSpace
        {
            IsMapped = IsMapped,
            IsRefused = IsRefused,
            Thunks = Thunks,
            ThunkCount = ThunkCount,
            Flags = Flags,
            Names = Names,
            Version = Version,
            Logs = Logs,
            IsForbidden = IsForbidden,
        };
        copy.sites.AddRange(sites);
        return copy;
    }
}
