using Vuos.Actors.Views;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Guests;

/// <summary>Where a guest thread is, seen from the tracer.</summary>
internal enum GuestState : byte
{
    /// <summary>Runs guest code or sleeps in the kernel.</summary>
    Running,

    /// <summary>A new child whose first stop has come but whose parent's event has not.</summary>
    HeldNew,

    /// <summary>At a seccomp stop, waiting for an actor's answer.</summary>
    AwaitingLayer,

    /// <summary>At the exit stop of a call that succeeded, waiting until its consequences are published.</summary>
    AwaitingAtExit,

    /// <summary>Its call was notified and must be carried on by ptrace: an interrupt stop will come.</summary>
    Escalating,

    /// <summary>Resumed towards the entry stop of a call that was escalated.</summary>
    AwaitingEntry,

    /// <summary>In a call with rewritten arguments; an exit stop will come.</summary>
    InRewrittenCall,

    /// <summary>In a group-stop (PTRACE_LISTEN).</summary>
    GroupStopped,
}

/// <summary>See <see cref="GuestThread.Held"/>.</summary>
internal sealed class HeldNotification
{
    public bool Active { get; set; }

    public int Listener { get; set; }

    public ulong Id { get; set; }

    public int Number { get; set; }

    public long[] Args { get; } = new long[6];
}

/// <summary>See <see cref="GuestThread.Borrowed"/>.</summary>
internal sealed record BorrowedDescriptor(int Descriptor, byte[] Path);

/// <summary>One guest thread: the state machine's data, owned by its actor on the tracer thread.</summary>
internal sealed class GuestThread(int tid, GuestProcess process)
{
    /// <summary>Changes when another thread of the process executes a program: it takes over the process id.</summary>
    public int Tid { get; set; } = tid;

    public GuestProcess Process { get; set; } = process;

    public GuestState State { get; set; }

    /// <summary>The call whose arguments are rewritten.</summary>
    public PendingCall Pending { get; } = new();

    /// <summary>View path of the program it is about to execute, when that differs from the host's; else null.</summary>
    public byte[]? Executing { get; set; }

    /// <summary>Scratch slot taken from the memory space, or 0.</summary>
    public long Slot { get; set; }

    /// <summary>False once its end was seen; answers that arrive later are dropped.</summary>
    public bool Alive { get; set; } = true;

    /// <summary>Bytes at <see cref="Slot"/>.</summary>
    public int SlotLength { get; set; }

    /// <summary>Filters installed on this thread; they stack, stay, and are inherited.</summary>
    public FilterStage Filters { get; set; }

    /// <summary>A descriptor opened in the guest for the time of one call, and what it is open on.</summary>
    public BorrowedDescriptor? Borrowed { get; set; }

    /// <summary>The call is over: <see cref="Borrowed"/> is closed at the next event stop.</summary>
    public bool GivesBack { get; set; }

    /// <summary>Waits in vfork(2) for its child: it cannot be stopped before that ends.</summary>
    public bool InVfork { get; set; }

    /// <summary>The call under way goes to the target of a mincow layer; EACCES, EPERM or EROFS brings it back for the source.</summary>
    public bool FallsBack { get; set; }

    /// <summary>The host refused the call at the target: now it is the source's.</summary>
    public bool ForcesSource { get; set; }

    /// <summary>How often the call under way was prepared by an actor.</summary>
    public int Rounds { get; set; }

    /// <summary>The ranges of partly loaded files that the thread's last call on such files used; null: none ever.</summary>
    private List<(OpenFile File, long Offset, long Length, bool Writes)>? uses;

    public void BeginUse(OpenFile file, long offset, long length, bool writes)
    {
        (uses ??= new(2)).Add((file, offset, length, writes));
        // Also before the call runs: who writes back meanwhile has to look there.
        if (writes)
            file.Content.Written(offset, length);
    }

    /// <summary>Before a write-back: what the call, which may be under way, writes.</summary>
    public void TellUse()
    {
        if (uses is null)
            return;
        foreach (var told in uses)
        {
            if (told.Writes)
                told.File.Content.Written(told.Offset, told.Length);
        }
    }

    /// <summary>The call has ended: what it wrote is told, and the ranges may leave the memory.</summary>
    public void EndUse()
    {
        if (uses is null)
            return;
        TellUse();
        foreach (var ended in uses)
            ended.File.Content.Done(ended.Offset, ended.Length);
        uses.Clear();
    }

    /// <summary>Contents of virtual programs, as descriptors of ours, for the execve(2) under way.</summary>
    public Dictionary<VirtualNode, int>? Programs { get; set; }

    /// <summary>It runs a new program that is to be given its <see cref="ProgramName"/> at the next event stop.</summary>
    public bool IsToBeNamed { get; set; }

    /// <summary>If it waits in a certain read, that is to end.</summary>
    public bool EndsRead { get; set; }

    /// <summary>Something is to be done in the thread before it runs guest code again.</summary>
    public bool NeedsStop => GivesBack || IsToBeNamed || EndsRead || AwaitsGraft || PatchSite != 0;

    /// <summary>Address of a <c>syscall</c> instruction that is to lead to the code in the guest; 0: none.</summary>
    public long PatchSite { get; set; }

    /// <summary>How many filters of ours it has.</summary>
    public int FilterCount { get; set; }

    /// <summary>What the task is to be called after the execve(2) under way, where the kernel would take a name of ours; else null.</summary>
    public byte[]? ProgramName { get; set; }

    /// <summary>A stub of ours that is about to execute its program.</summary>
    public bool Starts { get; set; }

    /// <summary>Since when the call under way waits for a virtual file system, in ticks of the stopwatch; what was fetched since counts as fresh. 0: it does not.</summary>
    public long WaitingSince { get; set; }

    /// <summary>Its <see cref="WaitingSince"/> when the file system was told of a signal.</summary>
    public long ToldSince { get; set; }

    /// <summary>Ends what a layer does for the call under way; null: nothing can be ended.</summary>
    public CancellationTokenSource? Cancel { get; set; }

    /// <summary>A descriptor of ours that the call under way will have as its result, -1: none; the guest's is closed at execve(2) if <see cref="GraftCloses"/>.</summary>
    public int Graft { get; set; } = -1;

    public bool GraftCloses { get; set; }

    /// <summary><see cref="Graft"/> is handed over at the next event stop.</summary>
    public bool AwaitsGraft { get; set; }

    /// <summary>What writing back before a close said; null: it was not done yet. Set by a task of the layer before the call is decided again.</summary>
    public Native.Errno? Flushed { get; set; }

    /// <summary>The node that was made for a bind(2); who binds there again is refused by the kernel, for the place is taken. Set by a task of the layer before the call is decided again.</summary>
    public VirtualNode? BindsAs { get; set; }

    /// <summary>A notified call that a layer will answer, with its notification still open.</summary>
    public HeldNotification Held { get; } = new();

    /// <summary>The layer it waits for, for the statistics; null: none, or a change of the view.</summary>
    public Mount? AskedLayer { get; set; }

    /// <summary>Since when it waits, in ticks of the stopwatch.</summary>
    public long AskedAt { get; set; }

    /// <summary>Its actor, once it has asked for something that an actor does.</summary>
    public Akka.Actor.IActorRef? Actor { get; set; }
}
