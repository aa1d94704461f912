using System.Diagnostics;

namespace Vuos.Specs.Running;

/// <summary>
/// A private mount namespace that all shells of one spec share, so that nothing a spec mounts by mistake reaches the host.
/// It lives as long as a <c>cat</c> in it, which ends with our end of its pipe, however we end.
/// Without root there is none: an unprivileged process cannot mount.
/// </summary>
internal sealed class MountNamespace : IDisposable
{
    private readonly Process? _holder;

    public MountNamespace()
    {
        if (Terminal.Libc.EffectiveUser() != 0)
        {
            EnterCommand = [];
            Id = "";
            return;
        }

        ProcessStartInfo start = new("unshare") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-m", "--propagation", "private", "--", "sh", "-c", "echo in; exec cat"])
            start.ArgumentList.Add(argument);
        _holder = Process.Start(start)!;
        if (_holder.StandardOutput.ReadLine() != "in")
            throw new InvalidOperationException("unshare -m does not work here");
        EnterCommand = ["/usr/bin/nsenter", $"--mount=/proc/{_holder.Id}/ns/mnt", "--"];
        Id = IdOf(_holder.Id);
    }

    /// <summary>What to put before a command so that it runs inside.</summary>
    public IReadOnlyList<string> EnterCommand { get; }

    /// <summary>The namespace as <c>/proc/PID/ns/mnt</c> names it; "" without one.</summary>
    public string Id { get; }

    /// <summary>The process that keeps the namespace alive, or 0.</summary>
    public int HolderId => _holder?.Id ?? 0;

    /// <summary>The namespace of a process; "" if it is gone or not ours to ask.</summary>
    public static string IdOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/mnt", false)?.Name ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The mounts as the kernel has them.</summary>
    public string[] Mounts() => File.ReadAllLines($"/proc/{(_holder is null ? "self" : HolderId)}/mountinfo");

    public void Dispose()
    {
        _holder?.StandardInput.Close();
        _holder?.WaitForExit();
        _holder?.Dispose();
    }
}
