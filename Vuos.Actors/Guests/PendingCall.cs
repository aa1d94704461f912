namespace Vuos.Actors.Guests;

/// <summary>What is to be done at the exit stop of a rewritten call, besides putting the arguments back.</summary>
internal enum AfterCall : byte
{
    Nothing,

    /// <summary>On success the working directory is <see cref="PendingCall.View"/>.</summary>
    SetWorkingDirectory,

    /// <summary>On success the result is a new memfd to be filled with <see cref="PendingCall.Content"/>.</summary>
    FillMemfd,

    /// <summary>On success the view path <see cref="PendingCall.View"/> has become <see cref="PendingCall.Content"/>.</summary>
    Renamed,

    /// <summary>The call was replaced by an mmap of scratch space: note it and run the original call again.</summary>
    TakeScratch,

    /// <summary>The call was replaced by an open of <see cref="PendingCall.View"/>: lend the thread the descriptor and run the original call again.</summary>
    BorrowDescriptor,

    /// <summary>On success an AF_UNIX socket is bound to <see cref="PendingCall.Content"/>, which the guest calls <see cref="PendingCall.View"/>.</summary>
    Bound,

    /// <summary>On success the guest has an address of at most <see cref="PendingCall.Room"/> bytes that may need to be put into the guest's terms.</summary>
    PutNameBack,

    /// <summary>The call's success becomes the error <see cref="PendingCall.Room"/>.</summary>
    FailWith,

    /// <summary>Our descriptor <see cref="PendingCall.Room"/> was opened by the guest, and is closed here.</summary>
    CloseOwn,

    /// <summary>A sendmsg was run in the place of a sendmmsg: on success one message was sent, and its bytes are to be noted in the guest's vector.</summary>
    SentOne,
}

/// <summary>Replacement of one argument.</summary>
/// <param name="Index">Argument number.</param>
/// <param name="Offset">Where its bytes start in the staging area, or -1: <paramref name="Value"/> is the argument itself.</param>
/// <param name="Value">The argument when it has no bytes.</param>
internal readonly record struct ArgumentChange(int Index, int Offset, long Value);

/// <summary>A call whose arguments the tracer replaces: what to write into the guest, what to restore, what to do when it returns. Reused per thread.</summary>
internal sealed class PendingCall
{
    private readonly ArgumentChange[] changes = new ArgumentChange[6];
    private byte[] staged = [];
    private byte[] saved = [];

    public bool Active { get; set; }

    public int Number { get; set; }

    /// <summary>Number to run instead, or -1: the same.</summary>
    public int ReplacementNumber { get; set; } = -1;

    /// <summary>Original argument registers.</summary>
    public long[] Original { get; } = new long[6];

    public int ChangeCount { get; private set; }

    public ReadOnlySpan<ArgumentChange> Changes => changes.AsSpan(0, ChangeCount);

    /// <summary>Bytes to be written into the guest's scratch space.</summary>
    public Span<byte> Staged => staged.AsSpan(0, StagedLength);

    public int StagedLength { get; private set; }

    public AfterCall After { get; set; }

    /// <summary>View path for <see cref="After"/>, or of the program being executed.</summary>
    public byte[]? View { get; set; }

    /// <summary>Text for a memfd.</summary>
    public byte[]? Content { get; set; }

    /// <summary>Bytes the guest has for an address.</summary>
    public int Room { get; set; }

    /// <summary>The instruction that made the call, if calls from there are to be decided in the guest from now on; else 0.</summary>
    public long Site { get; set; }

    /// <summary>Guest memory overwritten below the stack pointer; empty when a slot was used.</summary>
    public Span<byte> Saved => saved.AsSpan(0, SavedLength);

    public int SavedLength { get; private set; }

    /// <summary>Where the staged bytes are written.</summary>
    public long ScratchAddress { get; set; }

    /// <summary>Pointers inside the staged bytes that must be moved to where they are written (offsets into the staging area).</summary>
    public List<int> Relocations { get; } = [];

    public void Begin(int number)
    {
        Number = number;
        ReplacementNumber = -1;
        ChangeCount = 0;
        StagedLength = 0;
        SavedLength = 0;
        After = AfterCall.Nothing;
        View = null;
        Content = null;
        Site = 0;
        Relocations.Clear();
    }

    /// <summary>The argument becomes a pointer to a copy of <paramref name="bytes"/> in the guest. Returns where they are staged.</summary>
    public int Replace(int index, ReadOnlySpan<byte> bytes)
    {
        var offset = Stage(bytes);
        changes[ChangeCount++] = new ArgumentChange(index, offset, 0);
        return offset;
    }

    /// <summary>The argument becomes <paramref name="value"/>.</summary>
    public void Replace(int index, long value) => changes[ChangeCount++] = new ArgumentChange(index, -1, value);

    /// <summary>The argument becomes a pointer to bytes staged before.</summary>
    public void Point(int index, int offset) => changes[ChangeCount++] = new ArgumentChange(index, offset, 0);

    /// <summary>Makes room to save as many bytes of the guest as are staged.</summary>
    public Span<byte> BeginSave()
    {
        if (saved.Length < StagedLength)
            saved = new byte[Math.Max(StagedLength, 8192)];
        SavedLength = StagedLength;
        return Saved;
    }

    public void DropSave() => SavedLength = 0;

    /// <summary>Adds bytes, 8-aligned, to be written into the guest; returns their offset.</summary>
    public int Stage(ReadOnlySpan<byte> bytes)
    {
        var offset = (StagedLength + 7) & ~7;
        if (offset + bytes.Length > staged.Length)
            Array.Resize(ref staged, Math.Max(offset + bytes.Length, Math.Max(8192, staged.Length * 2)));
        bytes.CopyTo(staged.AsSpan(offset));
        StagedLength = offset + bytes.Length;
        return offset;
    }
}
