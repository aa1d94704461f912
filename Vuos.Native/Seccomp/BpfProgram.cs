using System.Runtime.InteropServices;

namespace Vuos.Native.Seccomp;

/// <summary>A filter as seccomp(2) takes it from memory: <c>struct sock_fprog</c> (16 bytes: length, padding, pointer) followed by the instructions.</summary>
public static class BpfProgram
{
    private const int HeaderSize = 16, PointerOffset = 8;

    /// <summary>Header and instructions in one piece; the pointer is set by <see cref="Relocate"/>.</summary>
    public static byte[] Image(ReadOnlySpan<BpfInstruction> program)
    {
        var instructions = MemoryMarshal.AsBytes(program);
        var image = new byte[HeaderSize + instructions.Length];
        BitConverter.TryWriteBytes(image, (ushort)program.Length);
        instructions.CopyTo(image.AsSpan(HeaderSize));
        return image;
    }

    /// <summary>Points the header at its instructions for an image that will lie at <paramref name="address"/>.</summary>
    public static void Relocate(Span<byte> image, long address) => BitConverter.TryWriteBytes(image[PointerOffset..], address + HeaderSize);
}
