using Vuos.Native.Kernel;

namespace Vuos.Native.Syscalls;

/// <summary>read(2), write(2) and their relatives: calls that move bytes between a descriptor, their first argument, and memory.</summary>
public static class ByteTransfer
{
    public static bool Is(int number) => Writes(number) || number is Nr.Read or Nr.Pread64 or Nr.Readv or Nr.Preadv or Nr.Preadv2;

    /// <summary>To the descriptor.</summary>
    public static bool Writes(int number) => number is Nr.Write or Nr.Pwrite64 or Nr.Writev or Nr.Pwritev or Nr.Pwritev2;
}
