using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;
using Vuos.Native.Control;

namespace Vuos.Guest.Hypervisor;

/// <summary>The guest's side of <see cref="ControlProtocol"/>. Strings are byte strings (<see cref="ByteText"/>).</summary>
internal sealed unsafe class HypervisorClient(ISyscalls kernel)
{
    /// <summary>Room for an answer that usually is short.</summary>
    private const int ShortAnswer = 256;

    /// <summary>Whether a hypervisor answers. A sandbox may refuse unknown calls with another error than ENOSYS, so only success counts.</summary>
    public bool IsPresent => kernel.Call(ControlProtocol.Vuctl, (nint)ControlTag.GetInfo) >= 0;

    /// <summary>Loads a module: ENOENT, EEXIST, EINVAL.</summary>
    public Errno LoadModule(string name, bool permanent)
    {
        fixed (byte* start = ByteText.Terminated(name))
        {
            return Failure(kernel.Call(ControlProtocol.Insmod, (nint)start, permanent ? 1 : 0));
        }
    }

    /// <summary>Removes a module: ENOENT, EBUSY.</summary>
    public Errno RemoveModule(string name)
    {
        fixed (byte* start = ByteText.Terminated(name))
        {
            return Failure(kernel.Call(ControlProtocol.Rmmod, (nint)start));
        }
    }

    /// <summary>The loaded modules, one line each.</summary>
    public Errno ListModules(out string list)
    {
        // Another guest may load a module between the question for the size and the second call: ask until the text fits.
        var buffer = new byte[ShortAnswer];
        while (true)
        {
            long length;
            fixed (byte* start = buffer)
            {
                length = kernel.Call(ControlProtocol.Lsmod, (nint)start, buffer.Length);
            }

            if (length <= buffer.Length)
            {
                list = length > 0 ? ByteText.FromBytes(buffer.AsSpan(0, (int)length)) : "";
                return Failure(length);
            }

            buffer = new byte[length];
        }
    }

    /// <summary>Names of the system and the view, laid out as <see cref="ControlInfo"/> says.</summary>
    public Errno GetInfo(out byte[] info)
    {
        info = new byte[ControlInfo.Size];
        fixed (byte* start = info)
        {
            return Failure(kernel.Call(ControlProtocol.Vuctl, (nint)ControlTag.GetInfo, (nint)start));
        }
    }

    /// <summary>Sets the view name: EINVAL if it is too long.</summary>
    public Errno SetName(string name)
    {
        fixed (byte* start = ByteText.Terminated(name))
        {
            return Failure(kernel.Call(ControlProtocol.Vuctl, (nint)ControlTag.SetName, (nint)start));
        }
    }

    /// <summary>The debug tags that are on, for everybody or for the caller and its descendants.</summary>
    public Errno GetDebugTags(bool local, out string tags) => Ask(ControlTag.GetDebugTags, 0, local ? 1 : 0, out tags);

    /// <summary>Switches debug tags on or off; "" means all.</summary>
    public Errno SwitchDebugTags(bool on, string tags, bool local)
    {
        fixed (byte* start = ByteText.Terminated(tags))
        {
            var tag = on ? ControlTag.AddDebugTags : ControlTag.DelDebugTags;
            return Failure(kernel.Call(ControlProtocol.Vuctl, (nint)tag, (nint)start, local ? 1 : 0));
        }
    }

    /// <summary>The name of a debug tag: ENOENT if it has none.</summary>
    public Errno GetDebugTagName(char tag, out string name) => Ask(ControlTag.GetDebugTagName, tag, 0, out name);

    /// <summary>Sets the colour of debug tags; "" means all. EINVAL for a bad colour.</summary>
    public Errno SetDebugColour(string tags, string colour)
    {
        fixed (byte* start = ByteText.Terminated(tags), second = ByteText.Terminated(colour))
        {
            return Failure(kernel.Call(ControlProtocol.Vuctl, (nint)ControlTag.SetDebugColour, (nint)start, (nint)second));
        }
    }

    /// <summary>Why the last module or mount request failed, in one sentence; "" if the hypervisor has nothing to say.</summary>
    public string GetLastError() => Ask(ControlTag.GetLastError, 0, 0, out var sentence) == Errno.None ? sentence : "";

    /// <summary>Asks a question whose answer is text. <paramref name="subject"/> comes before the buffer if it is not 0,
    /// <paramref name="scope"/> after its length.</summary>
    private Errno Ask(ControlTag tag, nint subject, nint scope, out string answer)
    {
        var buffer = new byte[ShortAnswer];
        while (true)
        {
            long length;
            fixed (byte* start = buffer)
            {
                length = subject != 0
                    ? kernel.Call(ControlProtocol.Vuctl, (nint)tag, subject, (nint)start, buffer.Length)
                    : kernel.Call(ControlProtocol.Vuctl, (nint)tag, (nint)start, buffer.Length, scope);
            }

            // The text needs room for its NUL as well.
            if (length < buffer.Length)
            {
                answer = length > 0 ? ByteText.FromBytes(buffer.AsSpan(0, (int)length)) : "";
                return Failure(length);
            }

            buffer = new byte[length + 1];
        }
    }

    private static Errno Failure(long result) => result < 0 ? (Errno)(-result) : Errno.None;
}
