using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vuos.Specs.Terminal;

/// <summary>
/// A process that leads a session of its own on a pseudo-terminal. No helper program is needed: a session leader without a
/// terminal gets the first one it opens (posix_spawn runs SETSID before its file actions).
/// </summary>
internal sealed unsafe class TerminalProcess : IDisposable
{
    private const uint EchoBits = 0x8 | 0x10 | 0x20 | 0x40 | 0x200;
    private readonly int _master;
    private readonly int _processFd;
    private bool _hungUp;
    private bool _reaped;

    /// <param name="arguments">The program's absolute path and its arguments.</param>
    /// <param name="environment">All of the environment, as <c>NAME=value</c>.</param>
    /// <param name="owner">User id that owns the terminal's device.</param>
    public TerminalProcess(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, uint owner)
    {
        _master = Libc.Check(Libc.OpenMaster(Libc.ReadWrite | Libc.NoControllingTty | Libc.CloseOnExec), "posix_openpt");
        Libc.Check(Libc.Grant(_master), "grantpt");
        Libc.Check(Libc.Unlock(_master), "unlockpt");
        string slaveName = SlaveName();
        int slave = Libc.Check(Libc.Open(slaveName, Libc.ReadWrite | Libc.NoControllingTty | Libc.CloseOnExec), slaveName);
        try
        {
            Prepare(slave, owner);
            Id = Spawn(slaveName, arguments, environment);
        }
        finally
        {
            Libc.Close(slave);
        }

        _processFd = Libc.Check(Libc.OpenProcess(Id), "pidfd_open");
    }

    public int Id { get; }

    /// <summary>The terminal's foreground process group, or 0 when it has none.</summary>
    public int ForegroundGroup
    {
        get
        {
            int group = 0;
            return Libc.Ioctl(_master, Libc.GetForegroundGroup, &group) == 0 ? group : 0;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            fixed (byte* at = bytes)
                bytes = bytes[Libc.Check((int)Libc.Write(_master, at, (nuint)bytes.Length), "write")..];
        }
    }

    /// <summary>Waits for output and appends it. False: the deadline passed, or nobody is left to write.</summary>
    public bool Read(List<byte> output, Stopwatch clock, TimeSpan deadline)
    {
        while (!_hungUp && clock.Elapsed < deadline)
        {
            if (WaitFor(_master, -1, deadline - clock.Elapsed) && ReadOnce(output))
                return true;
        }

        return false;
    }

    /// <summary>Waits until the process has ended, draining its output. False: the deadline passed, or <paramref name="giveUp"/> said so.</summary>
    public bool WaitForEnd(List<byte> output, Stopwatch clock, TimeSpan deadline, Func<bool> giveUp)
    {
        while (clock.Elapsed < deadline && !giveUp())
        {
            WaitFor(_hungUp ? -1 : _master, _processFd, deadline - clock.Elapsed);
            if (!_hungUp && WaitFor(_master, -1, TimeSpan.Zero) && ReadOnce(output))
                continue;
            if (WaitFor(-1, _processFd, TimeSpan.Zero))
            {
                Reap();
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        if (!_reaped)
        {
            _ = Libc.Kill(Id, Libc.KillSignal);
            Reap();
        }

        Libc.Close(_processFd);
        Libc.Close(_master);
    }

    private static bool WaitFor(int first, int second, TimeSpan limit)
    {
        Libc.PollFd* fds = stackalloc Libc.PollFd[2];
        fds[0] = new Libc.PollFd { Fd = first, Events = Libc.PollIn };
        fds[1] = new Libc.PollFd { Fd = second, Events = Libc.PollIn };
        return Libc.Poll(fds, 2, (int)Math.Ceiling(limit.TotalMilliseconds)) > 0;
    }

    private static void Prepare(int slave, uint owner)
    {
        ushort* size = stackalloc ushort[4] { 24, 80, 0, 0 };
        Libc.Check(Libc.Ioctl(slave, Libc.SetWindowSize, size), "TIOCSWINSZ");
        Libc.Termios attributes;
        Libc.Check(Libc.Ioctl(slave, Libc.GetAttributes, &attributes), "TCGETS");
        attributes.Local &= ~EchoBits;
        Libc.Check(Libc.Ioctl(slave, Libc.SetAttributes, &attributes), "TCSETS");
        if (Libc.EffectiveUser() == 0)
            Libc.Check(Libc.ChangeOwner(slave, owner, owner), "fchown");
    }

    private static int Spawn(string terminal, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        byte* actions = stackalloc byte[Libc.OpaqueSize], attributes = stackalloc byte[Libc.OpaqueSize], signals = stackalloc byte[Libc.OpaqueSize];
        using NativeStrings argv = new(arguments), envp = new(environment);
        Libc.InitActions(actions);
        Libc.InitAttributes(attributes);
        Libc.SetFlags(attributes, Libc.SpawnFlags);
        Libc.FillSet(signals);
        Libc.SetDefaultSignals(attributes, signals);
        Libc.EmptySet(signals);
        Libc.SetSignalMask(attributes, signals);
        Libc.AddOpen(actions, 0, terminal, Libc.ReadWrite, 0);
        Libc.AddDuplicate(actions, 0, 1);
        Libc.AddDuplicate(actions, 0, 2);
        Libc.AddCloseFrom(actions, 3);
        int pid;
        int error = Libc.Spawn(&pid, arguments[0], actions, attributes, argv.Pointers, envp.Pointers);
        Libc.DestroyActions(actions);
        Libc.DestroyAttributes(attributes);
        return error == 0 ? pid : throw new Win32Exception(error, arguments[0]);
    }

    private string SlaveName()
    {
        byte* name = stackalloc byte[64];
        Libc.Check(-Libc.SlaveName(_master, name, 64), "ptsname_r");
        return Marshal.PtrToStringUTF8((nint)name)!;
    }

    private bool ReadOnce(List<byte> output)
    {
        byte* buffer = stackalloc byte[4096];
        int count = (int)Libc.Read(_master, buffer, 4096);
        if (count > 0)
            output.AddRange(new ReadOnlySpan<byte>(buffer, count));
        else if (count == 0 || Marshal.GetLastPInvokeError() == Libc.InputOutput)
            _hungUp = true; // EIO: the last process closed the terminal.
        return count > 0;
    }

    private void Reap()
    {
        int status;
        while (Libc.Wait(Id, &status, 0) < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted)
        {
        }

        _reaped = true;
    }

    /// <summary>A NULL-terminated array of C strings.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            NativeMemory.Free(Pointers);
        }
    }
}
