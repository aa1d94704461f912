namespace Vuos.Actors.Guests;

/// <summary>What a process has open, as its folders in /proc show it (proc_pid_fd(5), proc_pid_maps(5)). Of one that has ended meanwhile, or is not ours to look at, nothing.</summary>
internal static class ProcDescriptors
{
    /// <summary>Whether a descriptor passes a test, which is given the path <c>/proc/PID/fd/N</c>; or a mapping, by its line of <c>maps</c>.</summary>
    public static bool Any(int pid, Func<string, bool> descriptor, Func<string, bool>? mapping = null)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Any(descriptor) || mapping is not null && File.ReadLines($"/proc/{pid}/maps").Any(mapping);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
