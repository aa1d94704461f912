using System.Globalization;
using System.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Control;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>The guests' own calls to the hypervisor (<see cref="ControlProtocol"/>).</summary>
internal sealed class ControlCalls(PublishedView view, IModuleControl control, DebugTags tags, HostName host)
{
    private readonly byte[] text = new byte[ControlProtocol.MaxString + 1];

    public Verdict Decide(Call call) => call.Number switch
    {
        ControlProtocol.Insmod => Load(call),
        ControlProtocol.Rmmod => Unload(call),
        ControlProtocol.Lsmod => List(call),
        ControlProtocol.Vuctl => Control(call),
        _ => Verdict.Fail(Errno.ENOSYS),
    };

    private Verdict Load(Call call)
    {
        if (ReadText(call, 0, out var name) is var error && error != Errno.None)
            return Verdict.Fail(error);
        control.Load(call.Thread, name, call.Args[1] != 0);
        return Verdict.Wait;
    }

    private Verdict Unload(Call call)
    {
        if (ReadText(call, 0, out var name) is var error && error != Errno.None)
            return Verdict.Fail(error);
        control.Unload(call.Thread, name);
        return Verdict.Wait;
    }

    private Verdict List(Call call)
    {
        var lines = new StringBuilder();
        foreach (var module in view.Modules)
            lines.Append(module.Module.Name).Append(": ").Append(module.Module.Description).Append('\n');
        var bytes = Encoding.UTF8.GetBytes(lines.ToString());
        return call.Args[1] < bytes.Length ? Verdict.Answer(bytes.Length) : Write(call, call.Args[0], bytes, bytes.Length);
    }

    private Verdict Control(Call call)
    {
        var process = call.Thread.Process;
        switch ((ControlTag)call.Args[0])
        {
            case ControlTag.GetInfo:
                return call.Args[1] == 0 ? Verdict.Answer(0) : Write(call, call.Args[1], Info(), 0);
            case ControlTag.SetName:
                if (ReadText(call, 1, out var name) is var nameError && nameError != Errno.None)
                    return Verdict.Fail(nameError);
                if (Encoding.UTF8.GetByteCount(name) > ControlProtocol.MaxViewName)
                    return Verdict.Fail(Errno.EINVAL);
                view.Name = name;
                return Verdict.Answer(0);
            case ControlTag.GetDebugTags:
                return WriteText(call, 1, call.Args[3] == 0 ? tags.Active : process.DebugTags);
            case ControlTag.AddDebugTags or ControlTag.DelDebugTags:
                return SwitchTags(call);
            case ControlTag.GetDebugTagName:
                return DebugTags.NameOf((char)call.Args[1]) is { } tagName ? WriteText(call, 2, tagName) : Verdict.Fail(Errno.ENOENT);
            case ControlTag.SetDebugColour:
                if (ReadText(call, 1, out var which) is var e1 && e1 != Errno.None)
                    return Verdict.Fail(e1);
                if (ReadText(call, 2, out var colour) is var e2 && e2 != Errno.None)
                    return Verdict.Fail(e2);
                return tags.SetColour(which, colour) ? Verdict.Answer(0) : Verdict.Fail(Errno.EINVAL);
            case ControlTag.GetLastError:
                return WriteText(call, 1, process.LastError);
            default:
                return Verdict.Fail(Errno.EINVAL);
        }
    }

    private Verdict SwitchTags(Call call)
    {
        if (ReadText(call, 1, out var which) is var error && error != Errno.None)
            return Verdict.Fail(error);
        var on = (ControlTag)call.Args[0] == ControlTag.AddDebugTags;
        var process = call.Thread.Process;
        if (call.Args[2] == 0)
            tags.Active = DebugTags.Switch(tags.Active, which, on);
        else
            process.DebugTags = DebugTags.Switch(process.DebugTags, which, on);
        if (process.DebugTags.Length > 0)
            tags.UsedLocally();
        return Verdict.Answer(0);
    }

    private byte[] Info()
    {
        var info = new byte[ControlInfo.Size];
        host.CopyTo(info);
        Put(info, ControlInfo.ServerId, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Put(info, ControlInfo.ViewName, view.Name);
        return info;
    }

    private static void Put(byte[] info, int offset, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        bytes.AsSpan(0, Math.Min(bytes.Length, ControlInfo.Field - 1)).CopyTo(info.AsSpan(offset));
    }

    private Errno ReadText(Call call, int index, out string value)
    {
        value = "";
        var error = GuestMemory.ReadString(call.Thread.Tid, call.Args[index], text, out var length);
        if (error == Errno.None)
            value = Encoding.UTF8.GetString(text, 0, length);
        return error;
    }

    /// <summary>The length; the text with its NUL is written when it fits.</summary>
    private static Verdict WriteText(Call call, int index, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value + "\0");
        return call.Args[index + 1] < bytes.Length ? Verdict.Answer(bytes.Length - 1) : Write(call, call.Args[index], bytes, bytes.Length - 1);
    }

    private static Verdict Write(Call call, long address, byte[] bytes, long result) =>
        GuestMemory.Write(call.Thread.Tid, address, bytes) == Errno.None ? Verdict.Answer(result) : Verdict.Fail(Errno.EFAULT);
}
