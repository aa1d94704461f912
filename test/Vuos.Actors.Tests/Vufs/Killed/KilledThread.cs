using System.Globalization;
using System.IO.Pipes;
using System.Runtime.ExceptionServices;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Seccomp;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>
/// Runs something on a thread of its own until it has made so many system calls that change files; every later one fails with EIO and does nothing. What is on the disk afterwards is what a
/// kill before that call would have left (seccomp_unotify(2): each such call waits until it is let go on or refused).
/// <para>
/// Our calls alone are counted, not those through the C library: they are the runtime's, which lets whatever thread needs them first make the threads of its compiler and of its garbage collector,
/// and writes their names while it holds locks the answering thread may want.
/// </para>
/// </summary>
internal static unsafe class KilledThread
{
    private const int SetModeFilter = 1, NoNewPrivileges = 38;
    private const ulong PollIn = 1, PollHup = 16;

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
        using var ending = new AnonymousPipeServerStream(PipeDirection.Out);
        using var ended = ending.ClientSafePipeHandle;
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
            }
            finally
            {
                installed.Set();
                ending.Dispose();
            }
        });
        thread.Start();
        installed.Wait();
        Assert.True(listener >= 0, $"no listener: {Sys.Error(listener)}");
        var asked = Serve((int)listener, (int)ended.DangerousGetHandle(), allowed);
        thread.Join();
        Files.Close(listener);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return asked;
    }

    private static long Install()
    {
        var (first, last) = LibraryCode();
        var filter = new FilterBuilder().AllowInstructionRange(first, last)
            .On(Nr.Openat, ArgTest.AnyBit(2, OpenFlag.Creat | OpenFlag.TmpFileBit | OpenFlag.Trunc), SeccompAction.Notify);
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

    /// <summary>Where the C library's instructions lie (proc_pid_maps(5)).</summary>
    private static (ulong First, ulong Last) LibraryCode()
    {
        var line = File.ReadLines("/proc/self/maps").First(l => l.Contains(" r-xp ", StringComparison.Ordinal) && l.EndsWith("/libc.so.6", StringComparison.Ordinal));
        var range = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
        return (ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>Answers until the thread has closed its end of the pipe: the filter itself may live on in a thread that the runtime made from it.</summary>
    private static int Serve(int listener, int ended, int allowed)
    {
        var asked = 0;
        var polled = stackalloc ulong[2];
        while (true)
        {
            polled[0] = (uint)listener | (PollIn << 32);
            polled[1] = (uint)ended;
            var ready = Sys.Call(Nr.Poll, (long)polled, 2, -1);
            if (Sys.Error(ready) == Errno.EINTR)
                continue;
            if (((polled[1] >> 48) & PollHup) != 0)
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
