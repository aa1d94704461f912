using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Vuos.Cli;

/// <summary>Writes to descriptors 1 and 2 without System.Console, which would touch the terminal's settings.</summary>
internal static class StandardStreams
{
    /// <summary>Writes one line; a closed or broken stream is ignored, since there is nobody left to tell.</summary>
    public static void WriteLine(int fd, string text)
    {
        try
        {
            using var handle = new SafeFileHandle(fd, ownsHandle: false);
            using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
        }
    }
}
