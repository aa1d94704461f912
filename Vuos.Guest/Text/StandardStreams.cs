using Vuos.Guest.Syscalls;
using Vuos.Native;

namespace Vuos.Guest.Text;

/// <summary>Standard output and error by write(2): Console would change the terminal and cost more than the whole command.</summary>
internal sealed unsafe class StandardStreams(ISyscalls kernel)
{
    private const int Output = 1;
    private const int ErrorOutput = 2;

    /// <summary>The first failure to write to standard output, or none.</summary>
    public Errno OutputFailure { get; private set; }

    /// <summary>Writes a byte string to standard output.</summary>
    public void Out(string text)
    {
        var failure = Write(Output, text);
        if (OutputFailure == Errno.None)
        {
            OutputFailure = failure;
        }
    }

    /// <summary>Writes a byte string to standard error; there is nobody left to tell if that fails.</summary>
    public void Error(string text) => Write(ErrorOutput, text);

    private Errno Write(int descriptor, string text)
    {
        var bytes = ByteText.Terminated(text);
        fixed (byte* start = bytes)
        {
            var done = 0;
            while (done < text.Length)
            {
                var count = kernel.Call(SyscallNumbers.Write, descriptor, (nint)(start + done), text.Length - done);
                if (count > 0)
                {
                    done += (int)count;
                }
                else if (count != -(long)Errno.EINTR)
                {
                    return count == 0 ? Errno.EIO : (Errno)(-count);
                }
            }
        }

        return Errno.None;
    }
}
