using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vuos.Native.Kernel;

/// <summary>
/// Raw x86-64 system calls. The result is the kernel's own: a value, or a negated <see cref="Errno"/>; the C library's errno is not involved,
/// so calls cost the same as from C and allocate nothing.
/// </summary>
public static unsafe class Sys
{
    private static readonly delegate* unmanaged<long, long, long, long, long, long, long, long> Stub = MakeStub();

    /// <summary>A call that may block: the garbage collector can run meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Call(int nr, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) => Stub(nr, a, b, c, d, e, f);

    /// <summary>A call that cannot block for long (under a few microseconds): no GC transition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Fast(int nr, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) =>
        ((delegate* unmanaged[SuppressGCTransition]<long, long, long, long, long, long, long, long>)Stub)(nr, a, b, c, d, e, f);

    /// <summary>Whether a result is an error (the kernel keeps -4095…-1 for them).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Failed(long result) => (ulong)result >= unchecked((ulong)-4095L);

    /// <summary>The error of a failed result, else <see cref="Errno.None"/>.</summary>
    public static Errno Error(long result) => Failed(result) ? (Errno)(int)-result : Errno.None;

    /// <summary>One page with: mov rax,rdi; shift the six arguments down; syscall; ret.</summary>
    private static delegate* unmanaged<long, long, long, long, long, long, long, long> MakeStub()
    {
        var libc = NativeLibrary.Load("libc.so.6");
        var syscall = (delegate* unmanaged<long, long, long, long, long, long, long, long>)NativeLibrary.GetExport(libc, "syscall");
        var page = (byte*)syscall(Nr.Mmap, 0, 4096, 3, 0x22, -1, 0);
        if ((long)page == -1)
            throw new InvalidOperationException("no memory for the system call stub");
        ReadOnlySpan<byte> code =
        [
            0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca, 0x4d, 0x89, 0xc2, 0x4d, 0x89, 0xc8,
            0x4c, 0x8b, 0x4c, 0x24, 0x08, 0x0f, 0x05, 0xc3,
        ];
        code.CopyTo(new Span<byte>(page, 64));
        if (syscall(Nr.Mprotect, (long)page, 4096, 5, 0, 0, 0) != 0)
            throw new InvalidOperationException("cannot make the system call stub executable");
        return (delegate* unmanaged<long, long, long, long, long, long, long, long>)page;
    }
}
