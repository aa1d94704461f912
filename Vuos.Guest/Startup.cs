using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;

namespace Vuos.Guest;

/// <summary>Undoes what the runtime does to a process that a command line tool must not show.</summary>
internal static unsafe class Startup
{
    private const int Sigpipe = 13;
    private const int AtFdcwd = -100;
    private const char Undecodable = '\uFFFD';

    /// <summary>Lets SIGPIPE end the process again; the runtime ignores it, and an ignored signal would also pass on to the command
    /// that vudebug executes. (Whether the caller had ignored it cannot be known any more.)</summary>
    public static void RestoreSigpipe(ISyscalls kernel)
    {
        // struct kernel_sigaction of 64-bit Linux: handler SIG_DFL (0), flags, restorer, mask; the mask has 8 bytes.
        var action = stackalloc nint[4];
        for (var i = 0; i < 4; i++)
        {
            action[i] = 0;
        }

        kernel.Call(SyscallNumbers.RtSigaction, Sigpipe, (nint)action, 0, sizeof(long));
    }

    /// <summary>argv as byte strings, argv[0] included.</summary>
    public static string[] CommandLine(ISyscalls kernel)
    {
        var line = Environment.GetCommandLineArgs();
        if (NeedsRaw(line) && ReadRaw(kernel) is { } raw && raw.Length >= line.Length)
        {
            // `dotnet vuos-guest.dll` has a word more in front.
            return raw[^line.Length..];
        }

        for (var i = 0; i < line.Length; i++)
        {
            line[i] = ByteText.FromUnicode(line[i]);
        }

        return line;
    }

    /// <summary>Whether the runtime's idea of the command line loses something: bytes that are not UTF-8, or, where there is no native
    /// program and the shared runtime gives the library's path as argv[0], the name it was called by.</summary>
    private static bool NeedsRaw(string[] line)
    {
        foreach (var argument in line)
        {
            if (argument.Contains(Undecodable))
            {
                return true;
            }
        }

        return line[0].EndsWith(".dll", StringComparison.Ordinal);
    }

    /// <summary>The arguments as the kernel has them; null where there is no /proc.</summary>
    private static string[]? ReadRaw(ISyscalls kernel)
    {
        long descriptor;
        fixed (byte* path = ByteText.Terminated("/proc/self/cmdline"))
        {
            descriptor = kernel.Call(SyscallNumbers.Openat, AtFdcwd, (nint)path);
        }

        if (descriptor < 0)
        {
            return null;
        }

        var text = "";
        var buffer = new byte[4096];
        long count;
        fixed (byte* start = buffer)
        {
            while ((count = kernel.Call(SyscallNumbers.Read, (nint)descriptor, (nint)start, buffer.Length)) > 0)
            {
                text += ByteText.FromBytes(buffer.AsSpan(0, (int)count));
            }
        }

        kernel.Call(SyscallNumbers.Close, (nint)descriptor);
        return text.Length > 0 ? text[..^1].Split('\0') : null;
    }
}
