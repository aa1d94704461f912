using System.Runtime.InteropServices;

namespace Vuos.Native;

/// <summary>strerror(3).</summary>
public static unsafe partial class ErrnoText
{
    public static string Of(Errno error) => Marshal.PtrToStringUTF8((nint)Strerror((int)error)) ?? error.ToString();

    [LibraryImport("libc", EntryPoint = "strerror")]
    private static partial byte* Strerror(int error);
}
