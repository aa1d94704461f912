using Vuos.Native;

namespace Vuos.FileSystems;

/// <summary>A lock as fcntl(2) has it.</summary>
/// <param name="Type">F_RDLCK (0), F_WRLCK (1), F_UNLCK (2).</param>
/// <param name="Start">First byte.</param>
/// <param name="End">Last byte; <see cref="long.MaxValue"/>: to the end.</param>
/// <param name="Pid">Process that holds it; in answers of <see cref="IFileLocks.GetLockAsync"/>.</param>
public readonly record struct FileLock(uint Type, long Start, long End, int Pid = 0);

/// <summary>
/// Locks, of an <see cref="IFileSystem"/> with <see cref="FileSystemTraits.Locks"/>. ENOSYS: this kind of lock is not its business, and holds among the guests of this run.
/// </summary>
public interface IFileLocks
{
    /// <summary>fcntl(2), F_GETLK: a lock that would be in the way, or one of type F_UNLCK. <paramref name="owner"/> tells holders apart.</summary>
    ValueTask<Answer<FileLock>> GetLockAsync(ulong node, ulong handle, ulong owner, FileLock wanted, Caller caller, CancellationToken cancel);

    /// <summary>
    /// fcntl(2), F_SETLK and with <paramref name="wait"/> F_SETLKW; flock(2) with <paramref name="whole"/> (the lock of an open file). EAGAIN: held by another; EDEADLK.
    /// </summary>
    ValueTask<Errno> SetLockAsync(ulong node, ulong handle, ulong owner, FileLock wanted, bool whole, bool wait, Caller caller, CancellationToken cancel);
}
