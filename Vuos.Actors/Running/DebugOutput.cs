using System.Runtime.CompilerServices;
using Vuos.Actors.Guests;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>
/// Writes debug lines, <c>TRACEE_TID:HYPERVISOR_TID TAGNAME file.cs:line message</c>, to the log. Tracer thread only. With no tag on, a test costs one look at a flag; the
/// message is built by the caller after the test.
/// </summary>
internal sealed class DebugOutput(DebugTags tags, RunLog log, bool coloured)
{
    private const string Reset = "\e[0m";

    private readonly long ownTid = Sys.Fast(Nr.Gettid);

    /// <summary>Writes nothing: until a run sets its own.</summary>
    public static DebugOutput None(RunLog log) => new(new DebugTags(), log, coloured: false);

    /// <summary>Whether any tag may be on for any guest.</summary>
    public bool Any => tags.Any;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool On(GuestThread thread, char tag) => tags.Any && tags.IsOn(tag, thread.Process.DebugTags);

    public void Write(GuestThread thread, char tag, string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var colour = coloured ? tags.EscapeOf(tag) : "";
        log.Tagged($"{colour}{thread.Tid}:{ownTid} {DebugTags.NameOf(tag)} {Path.GetFileName(file)}:{line} {message}{(colour.Length > 0 ? Reset : "")}");
    }
}
