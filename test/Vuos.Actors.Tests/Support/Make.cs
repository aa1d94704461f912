using System.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Support;

/// <summary>Short ways to the values tests are about.</summary>
internal static class Make
{
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A vufs mount; "/" is the root.</summary>
    public static Mount Mount(long epoch, string source, string target, params string[] except) => new()
    {
        Epoch = epoch,
        Source = Canonical(source),
        Target = Canonical(target),
        Type = "vufs",
        Shown = Bytes(source),
        Except = [.. except.Select(Bytes)],
    };

    public static RoutingTable Table(params Mount[] mounts) => new([.. mounts], noNesting: false);

    public static byte[] Canonical(string path) => Bytes(path == "/" ? "" : path);

    /// <summary>The host path as text, or null when the name is hidden.</summary>
    public static string? Host(this RoutingTable table, string view, long epoch = RoutingTable.Now)
    {
        var host = new PathBuffer();
        return table.Translate(Canonical(view), host, out _, epoch) ? BytePath.Display(host.Span) : null;
    }

    /// <summary>A thread with this process's own ids, so that /proc can be asked about it.</summary>
    public static GuestThread Self()
    {
        var thread = new GuestThread(Environment.ProcessId, new GuestProcess(Environment.ProcessId));
        thread.Process.Threads.Add(thread);
        return thread;
    }
}
