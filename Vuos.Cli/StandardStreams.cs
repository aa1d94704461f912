using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Cli;

/// <summary>
/// Writes to descriptors 1 and 2 with write(2): System.Console would touch the terminal's settings, and a FileStream would write at
/// an offset of its own into a file that other processes append to.
/// </summary>
internal static partial class StandardStreams
{
    private const int EIntr = 4;

    /// <summary>Writes one line; a closed or broken stream is ignored, since there is nobody left to tell.</summary>
    public static void WriteLine(int fd, string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text + "\n");
        while (!rest.IsEmpty)
        {
            var written = write(fd, rest, rest.Length);
            if (written < 0 && Marshal.GetLastPInvokeError() == EIntr)
                continue;
            if (written <= 0)
                return;
            rest = rest[(int)written..];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, ReadOnlySpan<byte> buffer, nint count);
}
