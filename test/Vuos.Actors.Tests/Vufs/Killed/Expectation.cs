using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>What a change makes of the lines of <see cref="UnionOnDisk.View"/>, said without the code under test.</summary>
internal static class Expectation
{
    public static string Path(string line) => line[..line.IndexOf(' ', StringComparison.Ordinal)];

    public static HashSet<string> After(string[] before, UnionRequest change) => change switch
    {
        RenameName r => Renamed(before, Make.Text(r.From), Make.Text(r.To), r.Flags != 0),
        RemoveName r => [.. before.Where(l => Path(l) != Make.Text(r.Rel))],
        LinkName r => [.. before, .. before.Where(l => Path(l) == Make.Text(r.From)).Select(l => Moved(l, Make.Text(r.From), Make.Text(r.To)))],
        ChangeAttributes r => [.. before.Select(l => Path(l) == Make.Text(r.Rel) ? l.Replace(" 100644 ", $" 100{Convert.ToString((int)r.Mode!, 8)} ", StringComparison.Ordinal) : l)],
        _ => [.. before],
    };

    private static HashSet<string> Renamed(string[] before, string from, string to, bool exchange)
    {
        var after = new HashSet<string>();
        foreach (var line in before)
        {
            if (IsAtOrBelow(line, from))
                after.Add(Moved(line, from, to));
            else if (!IsAtOrBelow(line, to))
                after.Add(line);
            else if (exchange)
                after.Add(Moved(line, to, from));
        }

        return after;
    }

    private static bool IsAtOrBelow(string line, string path) => Path(line) == path || line.StartsWith(path + "/", StringComparison.Ordinal);

    private static string Moved(string line, string from, string to) => to + line[from.Length..];
}
