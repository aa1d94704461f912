using System.Runtime.ExceptionServices;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>
/// Runs something on a thread that differs from the process: raw calls change the ids, or the mount namespace, of one thread only, and it ends with that.
/// </summary>
internal static unsafe class OwnThread
{
    public const uint Nobody = 65534;

    private const int NewMountNamespace = 0x20000, PrivateMounts = 0x44000;

    /// <summary>Without privileges, in the given groups. For who has none anyway, as he is.</summary>
    public static void Unprivileged(Action action, params uint[] groups) => Run(() =>
    {
        if (Environment.IsPrivilegedProcess)
        {
            fixed (uint* list = groups)
                Check(Sys.Call(Nr.Setgroups, groups.Length, (long)list));
            Check(Sys.Call(Nr.Setresgid, Nobody, Nobody, Nobody));
            Check(Sys.Call(Nr.Setresuid, Nobody, Nobody, Nobody));
        }

        action();
    });

    /// <summary>With a small tmpfs over a directory, which nobody else sees. Needs root.</summary>
    public static void WithTmpfs(string directory, string size, Action action) => Run(() =>
    {
        Check(Sys.Call(Nr.Unshare, NewMountNamespace));
        fixed (byte* none = "none\0"u8, root = "/\0"u8, type = "tmpfs\0"u8, path = Bytes(directory), data = Bytes("mode=777,size=" + size))
        {
            Check(Sys.Call(Nr.Mount, (long)none, (long)root, 0, PrivateMounts));
            Check(Sys.Call(Nr.Mount, (long)none, (long)path, (long)type, 0, (long)data));
        }

        action();
    });

    private static byte[] Bytes(string text) => Support.Make.Bytes(text + "\0");

    private static void Check(long result) => Assert.Equal(Errno.None, Sys.Error(result));

    private static void Run(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
