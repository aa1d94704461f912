using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;
using Vuos.Native.Control;

namespace Vuos.Guest.Tests.Support;

/// <summary>A mount(2) the fake kernel was asked for, as the bytes said it.</summary>
internal sealed record MountCall(string Source, string Target, string Type, MountFlags Flags, string Data);

/// <summary>
/// A kernel with or without a hypervisor behind it. It reads and writes the memory of the caller by the rules of
/// <see cref="ControlProtocol"/>, so what it understands, a hypervisor understands.
/// </summary>
internal sealed unsafe class FakeKernel : ISyscalls
{
    private static readonly string[] UnameFields = ["Linux", "vm", "6.18.44", "#1 SMP", "x86_64", "(none)"];

    public bool HasHypervisor { get; init; } = true;

    public string ViewName { get; set; } = "";

    public string GlobalTags { get; set; } = "";

    public string LocalTags { get; set; } = "";

    public string LastError { get; set; } = "";

    /// <summary>Errors to give, by what is asked for: a module name, or "mount", "umount", "lsmod", "write".</summary>
    public Dictionary<string, Errno> Failures { get; } = [];

    public List<(string Name, string Description)> Modules { get; } = [];

    public Dictionary<char, string> TagNames { get; } = [];

    /// <summary>Requests that change something, in words.</summary>
    public List<string> Log { get; } = [];

    public List<MountCall> Mounts { get; } = [];

    public string Out { get; private set; } = "";

    public string Err { get; private set; } = "";

    /// <summary>At most this many bytes are taken by one write(2).</summary>
    public int WriteChunk { get; init; } = int.MaxValue;

    public Errno ExecuteError { get; init; } = Errno.ENOENT;

    public long Call(long number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0)
    {
        if (number == SyscallNumbers.Write)
        {
            return Write((int)a, new ReadOnlySpan<byte>((void*)b, (int)c));
        }

        if (number == SyscallNumbers.Uname)
        {
            FillNames((byte*)a, UnameFields);
            return 0;
        }

        if (number == SyscallNumbers.Mount)
        {
            Mounts.Add(new MountCall(Text(a), Text(b), Text(c), (MountFlags)(uint)d, Text(e)));
            return Result("mount");
        }

        if (number == SyscallNumbers.Umount2)
        {
            Log.Add($"umount2 {Text(a)} {(UnmountFlags)(int)b}");
            return Result("umount");
        }

        return HasHypervisor ? Control(number, a, b, c, d) : -(long)Errno.ENOSYS;
    }

    public Errno Execute(string[] command)
    {
        Log.Add("exec " + string.Join('|', command));
        return ExecuteError;
    }

    private long Control(long number, nint a, nint b, nint c, nint d)
    {
        switch (number)
        {
            case ControlProtocol.Insmod:
                Log.Add($"insmod {Text(a)} {b}");
                return Result(Text(a));
            case ControlProtocol.Rmmod:
                Log.Add($"rmmod {Text(a)}");
                return Result(Text(a));
            case ControlProtocol.Lsmod:
                var list = string.Concat(Modules.Select(m => $"{m.Name}: {m.Description}\n"));
                return Failures.ContainsKey("lsmod") ? Result("lsmod") : Answer(list, a, b, terminated: false);
            case ControlProtocol.Vuctl:
                return Vuctl((ControlTag)a, b, c, d);
            default:
                return -(long)Errno.ENOSYS;
        }
    }

    private long Vuctl(ControlTag tag, nint b, nint c, nint d)
    {
        switch (tag)
        {
            case ControlTag.GetInfo:
                if (b != 0)
                {
                    FillNames((byte*)b, [.. UnameFields, "4711", ViewName]);
                }

                return 0;
            case ControlTag.SetName:
                if (Text(b).Length > ControlProtocol.MaxViewName)
                {
                    return -(long)Errno.EINVAL;
                }

                ViewName = Text(b);
                return 0;
            case ControlTag.GetDebugTags:
                return Answer(d != 0 ? LocalTags : GlobalTags, b, c, terminated: true);
            case ControlTag.AddDebugTags:
                Log.Add($"on '{Text(b)}' {c}");
                return 0;
            case ControlTag.DelDebugTags:
                Log.Add($"off '{Text(b)}' {c}");
                return 0;
            case ControlTag.GetDebugTagName:
                return TagNames.TryGetValue((char)b, out var name) ? Answer(name, c, d, terminated: true) : -(long)Errno.ENOENT;
            case ControlTag.SetDebugColour:
                Log.Add($"colour '{Text(b)}' '{Text(c)}'");
                return Result("colour");
            case ControlTag.GetLastError:
                return Answer(LastError, b, c, terminated: true);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    private long Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        if (descriptor == 1 && Failures.TryGetValue("write", out var error))
        {
            return -(long)error;
        }

        bytes = bytes[..Math.Min(bytes.Length, WriteChunk)];
        if (descriptor == 1)
        {
            Out += ByteText.FromBytes(bytes);
        }
        else
        {
            Err += ByteText.FromBytes(bytes);
        }

        return bytes.Length;
    }

    private long Result(string what) => Failures.TryGetValue(what, out var error) ? -(long)error : 0;

    private static long Answer(string text, nint buffer, nint length, bool terminated)
    {
        if (text.Length + (terminated ? 1 : 0) <= length)
        {
            var bytes = ByteText.Terminated(text);
            bytes.AsSpan(0, text.Length + (terminated ? 1 : 0)).CopyTo(new Span<byte>((void*)buffer, (int)length));
        }

        return text.Length;
    }

    private static void FillNames(byte* start, string[] fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            ByteText.Terminated(fields[i]).CopyTo(new Span<byte>(start + (i * ControlInfo.Field), ControlInfo.Field));
        }
    }

    private static string Text(nint start)
    {
        var length = 0;
        while (((byte*)start)[length] != 0)
        {
            length++;
        }

        return ByteText.FromBytes(new ReadOnlySpan<byte>((void*)start, length));
    }
}
