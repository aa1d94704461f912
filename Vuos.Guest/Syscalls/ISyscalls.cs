using Vuos.Native;

namespace Vuos.Guest.Syscalls;

/// <summary>
/// The one door out of this program: every effect of a command is a system call. Tests put a fake kernel here, so that they see
/// the very bytes the hypervisor would see.
/// </summary>
internal interface ISyscalls
{
    /// <summary>Makes a system call (syscall(2)). Returns the kernel's result: a count, or a negated <see cref="Errno"/>.</summary>
    long Call(long number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0);

    /// <summary>execvp(3): replaces this program, searching PATH, with the environment as it is. Returns only on failure.</summary>
    Errno Execute(string[] command);
}
