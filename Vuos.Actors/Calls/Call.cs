using System.Runtime.CompilerServices;
using Vuos.Actors.Guests;

namespace Vuos.Actors.Calls;

[InlineArray(6)]
internal struct SixArguments
{
    private long first;
}

/// <summary>The trapped call being decided. One instance, reused: the tracer thread decides one call at a time.</summary>
internal sealed class Call
{
    public GuestThread Thread { get; set; } = null!;

    public int Number { get; set; }

    public SixArguments Args;

    /// <summary>Address behind the <c>syscall</c> instruction.</summary>
    public long InstructionPointer { get; set; }

    /// <summary>Guest stack pointer; 0 for a notification, which does not tell.</summary>
    public long StackPointer { get; set; }

    /// <summary>Data of the filter that stopped the call.</summary>
    public ushort Mark { get; set; }

    /// <summary>Carried by a notification: descriptors can be grafted, arguments cannot be rewritten.</summary>
    public bool Notified { get; set; }

    public int Listener { get; set; }

    public ulong NotificationId { get; set; }
}

internal enum VerdictKind : byte
{
    /// <summary>The kernel runs the call as it is.</summary>
    Continue,

    /// <summary>The call is not run; <see cref="Verdict.Value"/> is its result.</summary>
    Answer,

    /// <summary>The call is run with the arguments prepared in the thread's <see cref="PendingCall"/>.</summary>
    Rewrite,

    /// <summary>An actor will answer.</summary>
    Wait,

    /// <summary>A layer will answer; of a notified call the notification stays open meanwhile.</summary>
    WaitHere,

    /// <summary>The call is not run; its result is a descriptor in the guest for our own descriptor <see cref="Verdict.Value"/>, which is closed.</summary>
    Graft,

    /// <summary>An actor prepared what was missing: the call is decided again where it stands.</summary>
    Again,
}

/// <summary>What becomes of a trapped call.</summary>
internal readonly record struct Verdict(VerdictKind Kind, long Value = 0)
{
    public static readonly Verdict Continue = new(VerdictKind.Continue);

    public static readonly Verdict Rewrite = new(VerdictKind.Rewrite);

    public static readonly Verdict Wait = new(VerdictKind.Wait);

    public static readonly Verdict WaitHere = new(VerdictKind.WaitHere);

    public static readonly Verdict Again = new(VerdictKind.Again);

    public static Verdict Answer(long value) => new(VerdictKind.Answer, value);

    public static Verdict Graft(int fd) => new(VerdictKind.Graft, fd);

    public static Verdict Fail(Native.Errno error) => new(VerdictKind.Answer, -(long)error);
}
