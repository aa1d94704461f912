using Vuos.Actors.Guests;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// What a union's actor is asked to do for a guest's call, off the tracer thread and one at a time. Names are paths below the union's root. With
/// <see cref="Finishes"/> its result is the call's; else the call is decided again afterwards.
/// </summary>
internal abstract record UnionRequest
{
    public virtual bool Finishes => true;

    /// <summary>Who acts, when that is not ourselves.</summary>
    public GuestIdentity? Who { get; init; }
}

/// <summary>
/// Copy a file up with the directories above it. Only <paramref name="Length"/> bytes will be left of it by the call of <paramref name="Tid"/>, if that succeeds.
/// </summary>
internal sealed record CopyUpName(byte[] Rel, long Length, int Tid) : UnionRequest
{
    public override bool Finishes => false;
}

/// <summary>A name is about to be made: its directory must be in the source, and nothing recorded of a former holder of the name.</summary>
internal sealed record PrepareName(byte[] Rel) : UnionRequest
{
    public override bool Finishes => false;
}

/// <summary>unlink(2), rmdir(2).</summary>
internal sealed record RemoveName(byte[] Rel, bool Directory) : UnionRequest;

/// <summary>renameat2(2). The view paths are for whoever must follow the rename. <paramref name="ToFolder"/>: the new name was written as that of a directory.</summary>
internal sealed record RenameName(byte[] From, byte[] To, uint Flags, byte[] ViewFrom, byte[] ViewTo, bool ToFolder) : UnionRequest;

/// <summary>link(2).</summary>
internal sealed record LinkName(byte[] From, byte[] To) : UnionRequest;

/// <summary>chmod(2), lchown(2); null: unchanged.</summary>
internal sealed record ChangeAttributes(byte[] Rel, uint? Mode, uint? Uid, uint? Gid) : UnionRequest;

/// <summary>mknod(2) of a device.</summary>
internal sealed record MakeDevice(byte[] Rel, uint Mode, ulong Device) : UnionRequest;

/// <summary>Put the listing of a directory into the union's cache, for the getdents64(2) of <paramref name="Tid"/>.</summary>
internal sealed record ReadNames(byte[] Rel, int Tid) : UnionRequest
{
    public override bool Finishes => false;
}

/// <summary>Answer to a waiting call.</summary>
/// <param name="Error">None: the call returns 0, or is decided again.</param>
/// <param name="Again">The call is decided again.</param>
/// <param name="Renamed">View paths before and after, when a name moved.</param>
internal sealed record UnionAnswer(Errno Error, bool Again, (byte[] From, byte[] To)? Renamed = null);
