using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>Finds the command of a run as execvp(3) would, but in the view the guest will have.</summary>
internal static class CommandSearch
{
    /// <summary>The path to execute, without NUL, or null and the reason: ENOENT, or EACCES when all that was found cannot be executed.</summary>
    public static byte[]? Find(PathResolver resolver, GuestThread thread, byte[] command, List<byte[]> environment, out Errno why)
    {
        why = Errno.ENOENT;
        if (command.Length == 0)
            return null;
        if (command.Contains((byte)'/'))
            return command;
        var found = new Resolution();
        foreach (var directory in (GuestEnvironment.Find(environment, "PATH") ?? "/usr/bin:/bin").Split(':'))
        {
            var candidate = (byte[])[.. GuestEnvironment.Bytes(directory.Length == 0 ? "." : directory), (byte)'/', .. command];
            resolver.Resolve(thread, At.FdCwd, candidate, follow: true, examine: true, found);
            if (found.Kind == ResolutionKind.Failed || found.Unexamined)
                continue;
            if (Files.Stat(found.Host.ForKernel(), out var stat) < 0 || !stat.IsRegular)
                continue;
            if (Files.Access(found.Host.ForKernel(), 1, At.EAccess) == 0)
                return candidate;
            why = Errno.EACCES;
        }

        return null;
    }
}
