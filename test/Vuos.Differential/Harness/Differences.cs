using System.Text.RegularExpressions;

namespace Vuos.Differential.Harness;

/// <summary>The differences we accept, from <c>differences.txt</c>: <c>area[@word,word]: pattern — reason</c>.</summary>
/// <remarks>A line that matches the pattern is left out of the comparison. Words restrict an entry to users, views or transports; <c>!word</c> is all but that.</remarks>
public sealed class Differences
{
    /// <summary>One entry. It counts as used when it matched a line that one side has and the other has not.</summary>
    public sealed record Entry(string Area, string[] Words, Regex Pattern, string Text)
    {
        public bool Used { get; set; }
    }

    private readonly List<Entry> _entries = [];

    public Differences(IEnumerable<string> lines)
    {
        foreach (var raw in lines)
        {
            var line = raw.Trim();
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var dash = line.LastIndexOf(" — ", StringComparison.Ordinal);
            if (colon < 0 || dash < colon)
                throw new FormatException($"differences.txt: want 'area: pattern — reason': {line}");
            var area = line[..colon].Split('@');
            _entries.Add(new Entry(area[0], area.Length > 1 ? area[1].Split(',') : [], new Regex(line[(colon + 2)..dash], RegexOptions.CultureInvariant), line));
        }
    }

    public static Differences Load() => new(File.ReadLines(Path.Combine(Settings.Material, "differences.txt")));

    /// <summary>All entries of an area.</summary>
    public IEnumerable<Entry> Of(string area) => _entries.Where(e => e.Area == area);

    /// <summary>All areas that have entries.</summary>
    public IEnumerable<string> Areas => _entries.Select(e => e.Area).Distinct();

    /// <summary>The lines that differ, with context, or null when the two are equal but for accepted differences.</summary>
    public string? Compare(string area, Launch launch, List<string> native, List<string> inside)
    {
        var words = launch.Name.Split('/');
        var applicable = Of(area).Where(e => e.Words.All(w => w.StartsWith('!') ? !words.Contains(w[1..]) : words.Contains(w))).ToList();
        if (applicable.Count > 0)
        {
            HashSet<string> left = [.. native], right = [.. inside];
            foreach (var entry in applicable)
            {
                if (native.Any(l => !right.Contains(l) && entry.Pattern.IsMatch(l)) || inside.Any(l => !left.Contains(l) && entry.Pattern.IsMatch(l)))
                    entry.Used = true;
            }
            native = [.. native.Where(l => !applicable.Any(e => e.Pattern.IsMatch(l)))];
            inside = [.. inside.Where(l => !applicable.Any(e => e.Pattern.IsMatch(l)))];
        }
        return native.SequenceEqual(inside) ? null : LineDiff.Between(native, inside);
    }
}
