using System.Runtime.InteropServices;

namespace Vuos.Cli;

/// <summary>What a name of the host stands for, with the difference between "not there" and "not allowed to look".</summary>
internal static partial class HostFile
{
    private const int Exists = 0, MayExecute = 1, EAcces = 13, ELoop = 40;

    /// <summary>Answer of <see cref="Find"/>.</summary>
    public enum State { Present, Missing, Forbidden, Loop }

    /// <summary>Follows links, as access(2) does for the real user.</summary>
    public static State Find(string path) =>
        access(path, Exists) == 0 ? State.Present : Marshal.GetLastPInvokeError() switch
        {
            EAcces => State.Forbidden,
            ELoop => State.Loop,
            _ => State.Missing,
        };

    /// <summary>A regular file the caller may execute.</summary>
    public static bool IsExecutable(string path) => File.Exists(path) && access(path, MayExecute) == 0;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);
}
