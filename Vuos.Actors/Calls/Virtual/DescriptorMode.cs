using Vuos.Actors.Views;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>The access mode of a guest's descriptor.</summary>
internal static class DescriptorMode
{
    /// <summary>O_RDONLY, O_WRONLY or O_RDWR: the owner bits of the link in /proc/PID/fd tell (proc(5)).</summary>
    public static int Of(PathResolver resolver, int tid, long fd)
    {
        if (Files.Stat(resolver.ProcDescriptor(tid, fd), out var link, At.SymlinkNoFollow) < 0)
            return OpenFlag.RdWr;
        return (link.Mode & 0x180) switch { 0x100 => 0, 0x80 => OpenFlag.WrOnly, _ => OpenFlag.RdWr };
    }
}
