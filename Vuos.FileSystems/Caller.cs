namespace Vuos.FileSystems;

/// <summary>Who asks: effective ids of the guest thread (fsuid, fsgid), its thread id, its umask.</summary>
public readonly record struct Caller(uint Uid, uint Gid, int Pid, uint Umask)
{
    /// <summary>The hypervisor itself, for what no guest asks for (write-back, release).</summary>
    public static Caller Nobody => default;
}
