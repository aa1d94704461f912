namespace Vuos.Native.Kernel;

/// <summary>
/// Lets the calling thread make files as somebody else until it is disposed: what is made then belongs to that user from the first moment, as a chown afterwards could not do.
/// Needs CAP_SETUID and CAP_SETGID; permissions are still those of the thread, whose capabilities stay (setfsuid(2), capabilities(7)).
/// </summary>
/// <remarks>Must be disposed on the same thread, so there may be no await in between. Only the calling thread changes, unlike with the C library's functions.</remarks>
public readonly unsafe ref struct FileCredentials : IDisposable
{
    /// <summary>_LINUX_CAPABILITY_VERSION_3 (include/uapi/linux/capability.h).</summary>
    private const long Version = 0x20080522;

    private readonly long uid, gid;

    public FileCredentials(uint asUid, uint asGid)
    {
        var header = Version;
        var sets = stackalloc uint[6];
        var known = Sys.Fast(Nr.Capget, (long)(&header), (long)sets) == 0;
        gid = Sys.Fast(Nr.Setfsgid, asGid);
        uid = Sys.Fast(Nr.Setfsuid, asUid);
        // Leaving user 0 has cleared the effective capabilities for files.
        if (known)
            Sys.Fast(Nr.Capset, (long)(&header), (long)sets);
    }

    public void Dispose()
    {
        Sys.Fast(Nr.Setfsuid, uid);
        Sys.Fast(Nr.Setfsgid, gid);
    }
}
