using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;
using Vuos.Native.Control;

namespace Vuos.Guest.Commands;

/// <summary>What vuname can print, in the order it prints it.</summary>
[Flags]
internal enum ViewFields
{
    None = 0,
    SysName = 1,
    NodeName = 1 << 1,
    Release = 1 << 2,
    Version = 1 << 3,
    Machine = 1 << 4,
    Processor = 1 << 5,
    Platform = 1 << 6,
    OperatingSystem = 1 << 7,
    ServerId = 1 << 8,
    ViewName = 1 << 9,
    Prompt = 1 << 10,

    /// <summary>Without processor and platform, which Linux does not know.</summary>
    All = SysName | NodeName | Release | Version | Machine | OperatingSystem | ServerId | ViewName,
}

/// <summary>Names of the system and, inside a view, of the view.</summary>
/// <param name="bytes">Laid out as <see cref="ControlInfo"/>; outside only the kernel's part (struct utsname) is filled.</param>
/// <param name="isInside">Whether a hypervisor gave them.</param>
internal readonly struct ViewInfo(byte[] bytes, bool isInside)
{
    private const string Unknown = "unknown";

    /// <summary>Asks the hypervisor, or, if there is none and <paramref name="onlyView"/> is not set, the kernel (uname(2)).</summary>
    public static unsafe Errno Read(CommandContext context, bool onlyView, out ViewInfo info)
    {
        if (context.Hypervisor.IsPresent)
        {
            var error = context.Hypervisor.GetInfo(out var answer);
            info = new ViewInfo(answer, isInside: true);
            return error;
        }

        var names = new byte[ControlInfo.Size];
        info = new ViewInfo(names, isInside: false);
        if (onlyView)
        {
            return Errno.ENOSYS;
        }

        fixed (byte* start = names)
        {
            return (Errno)(-context.Kernel.Call(SyscallNumbers.Uname, (nint)start));
        }
    }

    /// <summary>The fields, separated by one space each, in their fixed order; a prompt stands alone.</summary>
    public string Format(ViewFields fields)
    {
        if (fields.HasFlag(ViewFields.Prompt))
        {
            return Prompt();
        }

        var text = "";
        var separator = "";
        for (var field = ViewFields.SysName; field < ViewFields.Prompt; field = (ViewFields)((int)field << 1))
        {
            // Outside a view `-a` means what there is; a field asked for by name gives an empty line.
            if ((fields & field) == 0 || (!isInside && fields.HasFlag(ViewFields.All) && IsOfView(field)))
            {
                continue;
            }

            text += separator + Value(field);
            separator = " ";
        }

        return text;
    }

    private string Prompt()
    {
        var view = At(ControlInfo.ViewName);
        return !isInside ? At(ControlInfo.NodeName)
            : view.Length > 0 ? view
            : At(ControlInfo.NodeName) + "[" + At(ControlInfo.ServerId) + "]";
    }

    private string Value(ViewFields field) => field switch
    {
        ViewFields.SysName => At(ControlInfo.SysName),
        ViewFields.NodeName => At(ControlInfo.NodeName),
        ViewFields.Release => At(ControlInfo.Release),
        ViewFields.Version => At(ControlInfo.Version),
        ViewFields.Machine => At(ControlInfo.Machine),
        ViewFields.OperatingSystem => isInside ? "GNU/Linux/VUOS" : "GNU/Linux",
        ViewFields.ServerId => At(ControlInfo.ServerId),
        ViewFields.ViewName => At(ControlInfo.ViewName),
        _ => Unknown,
    };

    private static bool IsOfView(ViewFields field) => field is ViewFields.ServerId or ViewFields.ViewName;

    private string At(int offset) => ByteText.FromTerminated(bytes.AsSpan(offset, ControlInfo.Field));
}
