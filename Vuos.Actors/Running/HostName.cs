using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>The host's uname(2), read once: <c>struct new_utsname</c>, 6 fields of 65 bytes.</summary>
internal sealed unsafe class HostName
{
    private const int Uname = 63, Size = 6 * 65;

    public void CopyTo(byte[] info)
    {
        fixed (byte* p = info)
        {
            if (info.Length >= Size)
                Sys.Call(Uname, (long)p);
        }
    }
}
