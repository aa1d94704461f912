using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Directories (fs/fuse/readdir.c).</summary>
internal sealed partial class FuseFileSystem
{
    /// <summary>Bytes of entries asked for at once.</summary>
    private const int ListingSize = 64 * 1024;

    public async ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.OpenDir, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseOpenIn { Flags = (uint)flags }).Expect(Unsafe.SizeOf<FuseOpenOut>());
        var error = await CallAsync(request, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error == Errno.ENOSYS ? new OpenResult(0, OpenTraits.KeepCache | OpenTraits.CacheDirectory) : error;
        return Opened(node, flags, request.Read<FuseOpenOut>());
    }

    public async ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle)
    {
        var flags = _files.Flags(node, handle);
        _files.Remove(node, handle);
        if (_missing.Contains(FuseOpcode.OpenDir))
            return Errno.None;
        var request = await BeginAsync(FuseOpcode.ReleaseDir, node, Caller.Nobody, default).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseReleaseIn { Handle = handle, Flags = (uint)flags }), default).ConfigureAwait(false);
    }

    public async ValueTask<Errno> SyncDirectoryAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.FSyncDir, node, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseFSyncIn { Handle = handle, Flags = dataOnly ? FuseMessageFlags.SyncDataOnly : 0 }), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel)
    {
        var size = Math.Min(ListingSize, _traits.MaxRead);
        // Without READDIRPLUS_AUTO the server may have nothing but READDIRPLUS (fs/fuse/readdir.c, fuse_use_readdirplus).
        var wanted = plus;
        plus = (plus || !_negotiated.Has(FuseInitFlags.ReadDirPlusAuto)) && _negotiated.Has(FuseInitFlags.DoReadDirPlus) && !_missing.Contains(FuseOpcode.ReadDirPlus);
        using var request = await BeginAsync(plus ? FuseOpcode.ReadDirPlus : FuseOpcode.ReadDir, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseReadIn { Handle = handle, Offset = (ulong)offset, Size = (uint)size, Flags = (uint)_files.Flags(node, handle) }).ExpectUpTo(size);
        var error = await CallAsync(request, cancel).ConfigureAwait(false);
        if (plus && error == Errno.ENOSYS)
            return await ReadDirectoryAsync(node, handle, offset, plus: false, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error;
        var listing = Listing(request.Reply, plus);
        return plus && !wanted && !listing.Failed ? WithoutEntries(listing.Value) : listing;
    }

    /// <summary>For who did not ask for entries, and so would not give them back.</summary>
    private Answer<IReadOnlyList<DirectoryEntry>> WithoutEntries(IReadOnlyList<DirectoryEntry> listing)
    {
        foreach (var found in listing)
        {
            if (found.Entry is { } entry)
                Forget(entry.Node, 1);
        }

        return listing.Select(static e => e with { Entry = null }).ToList();
    }

    /// <summary>parse_dirfile and parse_dirplusfile: a record that is cut off is left out; a name that no directory can have is EIO.</summary>
    private Answer<IReadOnlyList<DirectoryEntry>> Listing(ReadOnlySpan<byte> bytes, bool plus)
    {
        var list = new List<DirectoryEntry>();
        var records = new DirentReader(bytes, plus);
        while (records.Next())
        {
            if (!records.ValidName)
            {
                ForgetListed(bytes, plus, list.Count);
                return Errno.EIO;
            }

            list.Add(new DirectoryEntry(records.Name.ToArray(), records.Dirent.Inode, records.Dirent.Type << 12, (long)records.Dirent.Offset, plus ? Listed(records) : null));
        }

        return list;
    }

    /// <summary>The entry of a name. "." and ".." have none that counts; one that cannot be used is given back at once.</summary>
    private NodeEntry? Listed(in DirentReader record)
    {
        if (!record.CountsLookup)
            return null;
        var accepted = Accept(record.Entry);
        if (!accepted.Failed)
            return accepted.Value;
        if (record.Entry.Node != FuseProtocol.RootId)
            session.Forget(record.Entry.Node, 1);
        return null;
    }

    /// <summary>The listing fails: what it counted up to there was never told to anyone, and what follows neither.</summary>
    private void ForgetListed(ReadOnlySpan<byte> bytes, bool plus, int accepted)
    {
        if (!plus)
            return;
        var records = new DirentReader(bytes, plus);
        for (var i = 0; records.Next(); i++)
        {
            if (!records.CountsLookup || records.Entry.Node == FuseProtocol.RootId)
                continue;
            if (i >= accepted)
                session.Forget(records.Entry.Node, 1);
            else if (!FuseAttributes.Invalid(records.Entry.Attr))
                Forget(records.Entry.Node, 1);
        }
    }
}
