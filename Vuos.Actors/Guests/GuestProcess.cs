using Vuos.Actors.Views;

namespace Vuos.Actors.Guests;

/// <summary>How far the filters of a process have been installed; filters stack and stay.</summary>
[Flags]
internal enum FilterStage : ushort
{
    None = 0,

    /// <summary>Control calls, mounts, chroot and namespaces: every guest from its start.</summary>
    Control = 1,

    /// <summary>Naming calls: from the first mount (or chroot) on.</summary>
    Naming = 2,

    /// <summary>Calls on descriptors that a read-only layer must refuse: from the first read-only mount on.</summary>
    Descriptors = 4,

    /// <summary>AF_UNIX names in message headers: in a process that made a datagram socket of that family.</summary>
    Messages = 8,

    /// <summary>Calls that give AF_UNIX names back: once a socket was bound under another name than the guest's.</summary>
    SocketNames = 16,

    /// <summary>Calls on descriptors of files and directories in a union: from the first union on.</summary>
    Unions = 32,

    /// <summary>fsync and its kind, and calls on descriptors that show a file system: from the first virtual file system on.</summary>
    Virtual = 64,

    /// <summary>close and what closes: in a process that opened a file of a virtual file system for writing, so that errors of writing are told.</summary>
    Closing = 128,

    /// <summary>Calls that move data: in a process that opened a file whose content no kernel object can hold.</summary>
    Data = 256,

    /// <summary>ioctl: in a process that opened a device of the view.</summary>
    Devices = 512,
}

/// <summary>A guest process as the tracer knows it: its threads and what they share. Owned by the tracer thread.</summary>
internal sealed class GuestProcess(int pid)
{
    /// <summary>Thread-group id.</summary>
    public int Pid { get; } = pid;

    public List<GuestThread> Threads { get; } = [];

    public FsState Fs { get; set; } = new();

    public NameMemory Names { get; set; } = new();

    public MemorySpace Memory { get; set; } = new();

    /// <summary>Stages that must be installed before any thread of the process runs guest code again.</summary>
    public FilterStage Wanted { get; set; }

    /// <summary>View path of the running program, when it differs from the host's; else null.</summary>
    public byte[]? Exe { get; set; }

    /// <summary>Its ids, capabilities or restrictions may differ from ours: nothing is opened or looked at on its behalf.</summary>
    public bool OwnCredentials { get; set; }

    /// <summary>It has, or may have, seccomp filters of its own: what is put into it must not make calls that it does not make.</summary>
    public bool OwnFilters { get; set; }

    /// <summary>Its threads are being stopped so that an instruction can be replaced; null: they are not.</summary>
    public InGuestMove? Move { get; set; }

    /// <summary>It sees mounts older than this; a server of a layer does not see its own.</summary>
    public long Epoch { get; set; } = RoutingTable.Now;

    /// <summary>A layer started it, or who it descends from, as its server: alone it does not keep the run alive.</summary>
    public bool Serves { get; set; }

    /// <summary>It, or who it descends from, mounted a FUSE file system by hand.</summary>
    public bool Mounted { get; set; }

    /// <summary>It is a program that a server started by hand has started, or descends from one: no reason for the run to go on either.</summary>
    public bool Helps { get; set; }

    /// <summary>What it, or who it descends from, served by a /dev/fuse whose session has ended.</summary>
    public ServedMount? Served { get; set; }

    /// <summary>Called with its shell status when it has ended; for programs that layers start.</summary>
    public Action<int>? Ended { get; set; }

    /// <summary>It entered a mount namespace or kernel root of its own: paths mean something else there, so all its calls go to the kernel.</summary>
    public bool Foreign { get; set; }

    /// <summary>Letters of the debug tags switched on for this process tree only.</summary>
    public string DebugTags { get; set; } = "";

    /// <summary>Why the last module or mount request of this process failed.</summary>
    public string LastError { get; set; } = "";

    /// <summary>State of a child made by fork, vfork or clone without CLONE_THREAD.</summary>
    public GuestProcess Child(int childPid, CloneFlags flags, GuestThread by)
    {
        Fs.IsShared |= flags.HasFlag(CloneFlags.Fs);
        var child = new GuestProcess(childPid)
        {
            Fs = flags.HasFlag(CloneFlags.Fs) ? Fs : Fs.Copy(),
            Names = Names.Fork(),
            Memory = flags.HasFlag(CloneFlags.Vm) ? Memory : Memory.Fork(by.Slot),
            Wanted = Wanted,
            Exe = Exe,
            OwnCredentials = OwnCredentials || flags.HasFlag(CloneFlags.NewUser),
            Foreign = Foreign || flags.HasFlag(CloneFlags.NewNs),
            DebugTags = DebugTags,
            Epoch = Epoch,
            OwnFilters = OwnFilters,
            Serves = Serves,
            Mounted = Mounted,
            Helps = Helps,
            Served = Served,
        };
        return child;
    }
}

/// <summary>A mount of a FUSE server.</summary>
internal sealed record ServedMount(byte[] Target, long Epoch);

/// <summary>The clone(2) flags that matter to a view (include/uapi/linux/sched.h).</summary>
[Flags]
internal enum CloneFlags : ulong
{
    None = 0, Vm = 0x100, Fs = 0x200, Files = 0x400, Vfork = 0x4000, Parent = 0x8000, Thread = 0x10000, NewNs = 0x20000,
    Untraced = 0x800000, NewUser = 0x10000000,
}
