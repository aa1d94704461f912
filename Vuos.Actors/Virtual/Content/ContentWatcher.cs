using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

/// <summary>Told by <see cref="ContentWatcher"/>, on its thread: must return soon.</summary>
internal interface IContentWatch
{
    /// <summary>At least one open file description is gone that could write, or that could not. The kernel merges equal events, so one may stand for many.</summary>
    void DescriptionClosed(bool writing);

    /// <summary>Some may be gone.</summary>
    void Recheck();
}

/// <summary>
/// Tells when descriptions of memfds are closed: inotify(7) says IN_CLOSE_WRITE or IN_CLOSE_NOWRITE when the last descriptor and mapping of a description is gone, in whatever
/// process. One instance and one thread a run.
/// </summary>
/// <remarks>
/// Events are hints, not counts: equal ones that follow each other are merged, the queue may overflow (then everyone is told), and the hypervisor's own descriptions make some
/// too. So whoever is told asks the kernel what is still open (<see cref="MemoryFile.AskOpenness"/>). Where no watch is to be had (ENOSPC: max_user_watches, EMFILE:
/// max_user_instances) the file is asked every <see cref="ContentSettings.PollInterval"/>.
/// </remarks>
internal sealed unsafe class ContentWatcher : IDisposable
{
    /// <summary>inotify(7) (include/uapi/linux/inotify.h).</summary>
    private const uint CloseWrite = 8, CloseNoWrite = 16, Overflow = 0x4000;

    private const int EventSize = 16, NonBlock = 0x800, PollIn = 1;

    private readonly int _inotify, _wake;
    private readonly int _interval;
    private readonly Dictionary<int, IContentWatch> _watched = [];
    private readonly ConcurrentDictionary<IContentWatch, bool> _polled = new();
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="settings">For the interval of polling.</param>
    /// <param name="inotify">False: as if the kernel had no instance left.</param>
    public ContentWatcher(ContentSettings settings, bool inotify = true)
    {
        _interval = (int)settings.PollInterval.TotalMilliseconds;
        var fd = inotify ? Sys.Call(Nr.InotifyInit1, OpenFlag.CloExec | NonBlock) : -(long)Errno.EMFILE;
        _inotify = Sys.Failed(fd) ? -1 : (int)fd;
        var wake = Sys.Call(Nr.Eventfd2, 0, OpenFlag.CloExec | NonBlock);
        if (Sys.Failed(wake))
            throw new InvalidOperationException($"no eventfd: {Sys.Error(wake)}");
        _wake = (int)wake;
        _thread = new Thread(Run) { IsBackground = true, Name = "content-watch" };
        _thread.Start();
    }

    /// <summary>Files that are polled because they could not be watched.</summary>
    public int Polled => _polled.Count;

    /// <summary>Begins to watch the file behind a descriptor of ours. The answer is for <see cref="Unwatch"/>.</summary>
    public int Watch(string path, IContentWatch target)
    {
        lock (_watched)
        {
            if (_inotify >= 0)
            {
                long wd;
                fixed (byte* p = Encoding.UTF8.GetBytes(path + '\0'))
                    wd = Sys.Call(Nr.InotifyAddWatch, _inotify, (long)p, CloseWrite | CloseNoWrite);
                if (!Sys.Failed(wd))
                {
                    _watched[(int)wd] = target;
                    return (int)wd;
                }
            }
        }

        _polled[target] = true;
        Wake();
        return -1;
    }

    public void Unwatch(int watch, IContentWatch target)
    {
        if (watch < 0)
        {
            _polled.TryRemove(target, out _);
            return;
        }

        lock (_watched)
        {
            if (_watched.Remove(watch))
                Sys.Call(Nr.InotifyRmWatch, _inotify, watch);
        }
    }

    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        Wake();
        _thread.Join();
        Files.Close(_wake);
        if (_inotify >= 0)
            Files.Close(_inotify);
    }

    private void Wake()
    {
        long one = 1;
        Sys.Call(Nr.Write, _wake, (long)(&one), 8);
    }

    private void Run()
    {
        var buffer = (byte*)NativeMemory.Alloc(16384);
        // struct pollfd: the descriptor (-1: none), the events asked for, and those that are there.
        var fds = stackalloc long[2];
        while (!_stopping)
        {
            fds[0] = (uint)_wake | (long)PollIn << 32;
            fds[1] = (uint)_inotify | (long)PollIn << 32;
            Sys.Call(Nr.Poll, (long)fds, 2, _polled.IsEmpty ? -1 : _interval);
            long count;
            Sys.Call(Nr.Read, _wake, (long)(&count), 8);
            if (_inotify >= 0)
                Deliver(buffer, (int)Math.Max(0, Sys.Call(Nr.Read, _inotify, (long)buffer, 16384)));
            foreach (var target in _polled.Keys)
                target.Recheck();
        }

        NativeMemory.Free(buffer);
    }

    private void Deliver(byte* events, int length)
    {
        for (var at = 0; at + EventSize <= length; at += EventSize + *(int*)(events + at + 12))
        {
            var mask = *(uint*)(events + at + 4);
            if ((mask & Overflow) != 0)
            {
                foreach (var target in AllWatched())
                {
                    target.DescriptionClosed(true);
                    target.DescriptionClosed(false);
                }
            }
            else if ((mask & (CloseWrite | CloseNoWrite)) != 0 && Find(*(int*)(events + at)) is { } target)
            {
                target.DescriptionClosed((mask & CloseWrite) != 0);
            }
        }
    }

    private IContentWatch? Find(int watch)
    {
        lock (_watched)
            return _watched.GetValueOrDefault(watch);
    }

    private IContentWatch[] AllWatched()
    {
        lock (_watched)
            return [.. _watched.Values];
    }
}
