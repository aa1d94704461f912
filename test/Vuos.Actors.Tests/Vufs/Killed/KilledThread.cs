using System.Runtime.ExceptionServices;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Seccomp;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>
/// Runs something on a thread of its own until it has made so many system calls that change files; every later one fails with EIO and does nothing. What is on the disk afterwards is what a
/// kill before that call would have left (seccomp_unotify(2): each such call waits until it is let go on or refused).
/// </summary>
internal static unsafe class KilledThread
{
    private const int SetModeFilter = 1, NoNewPrivileges = 38;
    private const short PollIn = 1;

    private static readonly int[] _changes =
    [
        Nr.Write, Nr.Pwrite64, Nr.CopyFileRange, Nr.Ftruncate, Nr.Mkdirat, Nr.Mknodat, Nr.Symlinkat, Nr.Linkat, Nr.Renameat2, Nr.Unlinkat, Nr.Chown, Nr.Lchown, Nr.Chmod, Nr.Fchmod,
        Nr.Utimensat, Nr.Lsetxattr, Nr.Setxattr, Nr.Removexattr,
    ];

    /// <summary>How many changes <paramref name="action"/> asked for; more than <paramref name="allowed"/> if it was cut off.</summary>
    public static int Run(int allowed, Action action)
    {
        Exception? failure = null;
        using var installed = new ManualResetEventSlim();
        var listener = -1L;
        var thread = new Thread(() =>
        {
            try
            {
                listener = Install();
                installed.Set();
                if (listener >= 0)
                    action();
            }
            catch (Exception e)
            {
                failure = e;
                installed.Set();
            }
        });
        thread.Start();
        installed.Wait();
        Assert.True(listener >= 0, $"no listener: {Sys.Error(listener)}");
        var asked = Serve((int)listener, allowed);
        thread.Join();
        Files.Close(listener);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return asked;
    }

    private static long Install()
    {
        var filter = new FilterBuilder().On(Nr.Openat, ArgTest.AnyBit(2, OpenFlag.Creat | OpenFlag.TmpFileBit | OpenFlag.Trunc), SeccompAction.Notify);
        foreach (var number in _changes)
            filter.On(number, SeccompAction.Notify);
        var image = BpfProgram.Image(filter.Build());
        fixed (byte* p = image)
        {
            BpfProgram.Relocate(image, (long)p);
            Sys.Call(Nr.Prctl, NoNewPrivileges, 1);
            return Sys.Call(Nr.Seccomp, SetModeFilter, SeccompListener.FilterFlagNewListener, (long)p);
        }
    }

    /// <summary>Answers until the thread has ended, which the poll tells by POLLHUP alone.</summary>
    private static int Serve(int listener, int allowed)
    {
        var asked = 0;
        while (true)
        {
            var poll = (uint)listener | ((long)PollIn << 32);
            var ready = Sys.Call(Nr.Poll, (long)(&poll), 1, -1);
            if (Sys.Error(ready) == Errno.EINTR)
                continue;
            if (((poll >> 48) & PollIn) == 0)
                return asked;
            if (SeccompListener.Receive(listener, out var call) != Errno.None)
                continue;
            if (++asked <= allowed)
                SeccompListener.Continue(listener, call.Id);
            else
                SeccompListener.Answer(listener, call.Id, 0, Errno.EIO);
        }
    }
}
