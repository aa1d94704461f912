using System.Runtime.InteropServices;
using Vuos.Guest.Text;
using Vuos.Native;

namespace Vuos.Guest.Syscalls;

/// <summary>System calls of the running kernel, through the C library's syscall(2).</summary>
internal sealed unsafe class LibcSyscalls : ISyscalls
{
    /// <inheritdoc/>
    public long Call(long number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0)
    {
        var result = Syscall((nint)number, a, b, c, d, e);
        return result == -1 ? -*ErrnoLocation() : result;
    }

    /// <inheritdoc/>
    public Errno Execute(string[] command)
    {
        var pinned = new GCHandle[command.Length];
        var arguments = new nint[command.Length + 1];
        for (var i = 0; i < command.Length; i++)
        {
            pinned[i] = GCHandle.Alloc(ByteText.Terminated(command[i]), GCHandleType.Pinned);
            arguments[i] = pinned[i].AddrOfPinnedObject();
        }

        Errno error;
        fixed (nint* vector = arguments)
        {
            error = ExecuteFile(arguments[0], vector) == 0 ? Errno.None : (Errno)(*ErrnoLocation());
        }

        foreach (var handle in pinned)
        {
            handle.Free();
        }

        return error;
    }

    // No GC transition: there is no other managed thread to wait for us, and nothing may run between the call and the reading of errno.
    [DllImport("libc", EntryPoint = "syscall"), SuppressGCTransition]
    private static extern nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [DllImport("libc", EntryPoint = "execvp"), SuppressGCTransition]
    private static extern int ExecuteFile(nint file, nint* arguments);

    [DllImport("libc", EntryPoint = "__errno_location"), SuppressGCTransition]
    private static extern int* ErrnoLocation();
}
