using System.Globalization;
using System.Text;
using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Control;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>Trapped calls and what became of them, for debug output; decoded from the system call table.</summary>
internal static class CallText
{
    private const int MostText = 4096;

    public static string Of(Call call)
    {
        if (call.Number is >= ControlProtocol.Base and < ControlProtocol.Base + ControlProtocol.Count)
            return $"control {call.Number - ControlProtocol.Base} ({Hex(call.Args[0])}, {Hex(call.Args[1])}, {Hex(call.Args[2])}, {Hex(call.Args[3])})";
        if (SyscallTable.Find(call.Number) is not { } row)
            return $"call {call.Number}";
        var text = new StringBuilder(row.Name).Append('(');
        for (var i = 0; i < row.Args.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(Argument(call.Thread, row.Args[i], call.Args[i]));
        return text.Append(')').ToString();
    }

    public static string Of(Verdict verdict, GuestThread thread) => verdict.Kind switch
    {
        VerdictKind.Continue => "as it is",
        VerdictKind.Answer => "answered " + Result(verdict.Value),
        VerdictKind.Wait => "waits for an actor",
        VerdictKind.Again => "is decided again",
        _ => Rewritten(thread.Pending),
    };

    public static string Result(long value) =>
        Sys.Failed(value) ? Sys.Error(value).ToString() : value.ToString(CultureInfo.InvariantCulture);

    private static string Rewritten(PendingCall pending)
    {
        var text = new StringBuilder("rewritten");
        if (pending.ReplacementNumber >= 0)
            text.Append(" to ").Append(SyscallTable.Find(pending.ReplacementNumber)?.Name);
        foreach (var change in pending.Changes)
        {
            text.Append(CultureInfo.InvariantCulture, $" {change.Index}=");
            if (change.Offset < 0)
                text.Append(Hex(change.Value));
            else
                Quote(text, UpToNul(pending.Staged[change.Offset..]));
        }

        return text.ToString();
    }

    private static string Argument(GuestThread thread, ArgKind kind, long value)
    {
        switch (kind)
        {
            case ArgKind.Path or ArgKind.String when value != 0:
                var buffer = new byte[MostText];
                if (GuestMemory.ReadString(thread.Tid, value, buffer, out var length) != Errno.None)
                    return Hex(value);
                var text = new StringBuilder();
                Quote(text, buffer.AsSpan(0, length));
                return text.ToString();
            case ArgKind.DirFd when (int)value == At.FdCwd:
                return "AT_FDCWD";
            case ArgKind.Mode:
                return "0" + Convert.ToString((uint)value & 0xFFFF, 8);
            case ArgKind.Int or ArgKind.Fd or ArgKind.DirFd or ArgKind.Pid or ArgKind.Id or ArgKind.Signal or ArgKind.Clock:
                return ((int)value).ToString(CultureInfo.InvariantCulture);
            case ArgKind.UInt or ArgKind.Size or ArgKind.Offset:
                return value.ToString(CultureInfo.InvariantCulture);
            default:
                return Hex(value);
        }
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> bytes) => bytes.IndexOf((byte)0) is >= 0 and var nul ? bytes[..nul] : bytes;

    /// <summary>On one line, and never a control sequence to a terminal.</summary>
    private static void Quote(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append('"');
        foreach (var c in Encoding.UTF8.GetString(bytes))
            _ = char.IsControl(c) ? text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : c is '"' or '\\' ? text.Append('\\').Append(c) : text.Append(c);
        text.Append('"');
    }

    private static string Hex(long value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
