using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Native.Tracing;

/// <summary>
/// The first program of a run: a 132-byte ELF in a memfd that sleeps in pause(2). It is started with posix_spawn (managed code must not fork), seized, and turned
/// into the guest by injected calls. Its <see cref="SyscallSite"/> is a <c>syscall</c> instruction at a known address.
/// </summary>
public static unsafe class Stub
{
    private const int Load = 0x10000, CodeOffset = 120;

    /// <summary>Address of a <c>syscall</c> instruction in the stub.</summary>
    public const long SyscallSite = Load + CodeOffset + 9;

    /// <summary>Starts the stub with default signal actions (but those in <paramref name="keepIgnored"/>, bit N-1 for signal N), an empty signal mask and our inheritable descriptors: its pid, or a negated errno.</summary>
    public static int Spawn(ulong keepIgnored = 0)
    {
        fixed (byte* name = "vuos-stub\0"u8)
        {
            var memfd = (int)Sys.Call(Nr.MemfdCreate, (long)name, 1);
            if (memfd < 0)
                return memfd;
            Files.WriteAll(memfd, Image());
            var pid = Spawn(memfd, name, keepIgnored);
            Files.Close(memfd);
            return pid;
        }
    }

    private static int Spawn(int memfd, byte* name, ulong keepIgnored)
    {
        var libc = NativeLibrary.Load("libc.so.6");
        nint Export(string symbol) => NativeLibrary.GetExport(libc, symbol);
        // posix_spawnattr_t is 336 bytes in glibc and musl's is smaller; sigset_t is 128 in both.
        var attributes = stackalloc byte[512];
        var all = stackalloc byte[128];
        var none = stackalloc byte[128];
        new Span<byte>(attributes, 512).Clear();
        new Span<byte>(none, 128).Clear();
        // sigfillset(3) leaves out the two signals glibc keeps for itself.
        new Span<byte>(all, 128).Fill(0xFF);
        ((delegate* unmanaged<void*, int>)Export("posix_spawnattr_init"))(attributes);
        *(ulong*)all &= ~keepIgnored;
        ((delegate* unmanaged<void*, short, int>)Export("posix_spawnattr_setflags"))(attributes, 0x04 | 0x08);
        ((delegate* unmanaged<void*, void*, int>)Export("posix_spawnattr_setsigdefault"))(attributes, all);
        ((delegate* unmanaged<void*, void*, int>)Export("posix_spawnattr_setsigmask"))(attributes, none);
        var argv = stackalloc byte*[2] { name, null };
        var path = stackalloc byte[32];
        System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{memfd}\0", new Span<byte>(path, 32));
        int pid;
        var result = ((delegate* unmanaged<int*, byte*, void*, void*, byte**, byte**, int>)Export("posix_spawn"))(
            &pid, path, null, attributes, argv, argv + 1);
        ((delegate* unmanaged<void*, int>)Export("posix_spawnattr_destroy"))(attributes);
        return result == 0 ? pid : -result;
    }

    private static byte[] Image()
    {
        var image = new byte[CodeOffset + 12];
        void At16(int offset, short value) => BitConverter.TryWriteBytes(image.AsSpan(offset), value);
        void At32(int offset, int value) => BitConverter.TryWriteBytes(image.AsSpan(offset), value);
        void At64(int offset, long value) => BitConverter.TryWriteBytes(image.AsSpan(offset), value);
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(image, 0);
        At16(16, 2);
        At16(18, 62);
        At32(20, 1);
        At64(24, Load + CodeOffset);
        At64(32, 64);
        At16(52, 64);
        At16(54, 56);
        At16(56, 1);
        At32(64, 1);
        At32(68, 5);
        At64(80, Load);
        At64(88, Load);
        At64(96, image.Length);
        At64(104, image.Length);
        At64(112, 0x1000);
        // L: mov eax, pause; syscall; jmp L;   site: syscall; int3
        new byte[] { 0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7, 0x0f, 0x05, 0xcc }.CopyTo(image, CodeOffset);
        return image;
    }
}
