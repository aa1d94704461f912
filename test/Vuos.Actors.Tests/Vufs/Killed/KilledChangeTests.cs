using Vuos.Actors.Tests.Support;
using Vuos.Actors.Tests.Vufs.Store;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>
/// A run is killed before each of the system calls by which it changes something, one after the other; and so is the one that takes its last steps. The next run shows the union as it was or
/// as it was to become, and can do with every name what it could before.
/// </summary>
public sealed class KilledChangeTests
{
    public static TheoryData<int, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, string, bool>();
            for (var i = 0; i < Scenario.All.Length; i++)
            {
                cases.Add(i, Scenario.All[i].Name, false);
                if (Environment.IsPrivilegedProcess)
                    cases.Add(i, Scenario.All[i].Name, true);
            }

            return cases;
        }
    }

    /// <summary>Whoever is not <paramref name="privileged"/> cannot give copies their owner, so that there is a record of each.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_is_done_or_not_done(int number, string name, bool privileged)
    {
        var scenario = Scenario.All[number];
        Assert.Equal(name, scenario.Name);
        using var place = new Place(scenario);
        var lower = place.LowerNames();
        if (privileged)
            KillEach(place);
        else
            OwnThread.Unprivileged(() => KillEach(place));
        Assert.Equal(lower, place.LowerNames());
    }

    private static void KillEach(Place place)
    {
        var change = place.Scenario.Change;
        string[] before = Do(place, static _ => { }), after = Do(place, union => union.Do(change));
        using (var union = place.Union())
        {
            union.Open();
            union.Do(change);
            Assert.Equal(after, union.View());
            var expected = Expectation.After(before, change);
            Assert.True(expected.SetEquals(after), $"without a kill, marks\n{union.Marks()}\n{Difference([.. expected], after)}");
        }

        var known = new HashSet<string>();
        var cut = true;
        for (var allowed = 0; cut; allowed++)
        {
            var goesOn = Kill(place, allowed, int.MaxValue, before, after, known, out cut);
            for (var steps = 0; goesOn; steps++)
                goesOn = Kill(place, allowed, steps, before, after, known, out _);
        }
    }

    /// <summary>
    /// Kills the change, and the run that goes on, when they have made so many calls. False: the latter came to its end, or there is nothing for it but to remove temporaries, which is tried
    /// once a change.
    /// </summary>
    private static bool Kill(Place place, int allowed, int steps, string[] before, string[] after, HashSet<string> known, out bool cut)
    {
        using var union = place.Union();
        union.Open();
        cut = KilledThread.Run(allowed, () =>
        {
            union.Run(place.Scenario.Change);
            union.Dispose();
        }) > allowed;
        var left = union.Marks();
        var goesOn = cut && (union.IsNoted() || (union.Temporaries().Length > 0 && known.Add("temporaries only")));
        if (steps != int.MaxValue)
        {
            goesOn = KilledThread.Run(steps, () =>
            {
                union.Open();
                union.Dispose();
            }) > steps;
        }

        var where = $"killed at change {allowed}, the next run at {steps}; left:\n{left}\nthen:\n{union.Marks()}\n";
        union.Open();
        var found = union.View();
        Assert.True(found.SequenceEqual(before) || found.SequenceEqual(after), $"{where}{Difference(before, found)}or\n{Difference(after, found)}");
        Assert.True(union.Temporaries().Length <= 1, $"{where}left: {string.Join(' ', union.Temporaries())}");
        // From one state on the disk it goes on in one way.
        if (!known.Add($"{union.Marks()}\n{string.Join('\n', found)}"))
            return goesOn;
        var renamed = RenameAll(union, found, where);
        var expected = found.Select(Renamed).ToHashSet();
        Assert.True(expected.SetEquals(renamed), $"{where}all renamed: {Difference([.. expected], renamed)}");
        union.Dispose();
        Assert.Empty(union.Temporaries());
        union.Open();
        Assert.Equal(renamed, union.View());
        return goesOn;
    }

    private static string[] Do(Place place, Action<UnionOnDisk> change)
    {
        using var union = place.Union();
        union.Open();
        change(union);
        union.Dispose();
        union.Open();
        return union.View();
    }

    /// <summary>Each name gets a tilde, what is in a directory before itself.</summary>
    private static string[] RenameAll(UnionOnDisk union, string[] found, string where)
    {
        foreach (var rel in found.Reverse().Select(Expectation.Path))
        {
            var error = union.Run(Scenario.Rename(rel, rel + "~"));
            Assert.True(error == Errno.None, $"{where}rename {rel}: {error}");
        }

        return union.View();
    }

    private static string Renamed(string line)
    {
        var path = Expectation.Path(line);
        return path.Replace("/", "~/", StringComparison.Ordinal)[1..] + "~" + line[path.Length..];
    }

    private static string Difference(string[] expected, string[] found) =>
        string.Concat(expected.Except(found).Select(static l => $"- {l}\n").Concat(found.Except(expected).Select(static l => $"+ {l}\n")));

    /// <summary>A lower tree, made by the process, and sources, made by the thread that runs.</summary>
    private sealed class Place : IDisposable
    {
        private readonly TempDirectory directory = new();
        private int sources;

        public Place(Scenario scenario)
        {
            Scenario = scenario;
            File.SetUnixFileMode(directory.Path, (UnixFileMode)0x1FF);
            foreach (var path in new[] { "d/e", "other/deep", "locked", "gone" })
                directory.Folder("lower/" + path);
            foreach (var path in new[] { "d/e/f", "d/g", "other/deep/y", "other/deep/z", "top" })
                directory.File("lower/" + path, Make.Bytes(path));
            File.CreateSymbolicLink(directory.At("lower/d/e/l"), "f");
            File.SetUnixFileMode(directory.At("lower/locked"), (UnixFileMode)0x16D);
        }

        public Scenario Scenario { get; }

        /// <summary>A new union in which everything was done that comes before the change.</summary>
        public UnionOnDisk Union()
        {
            var union = new UnionOnDisk(directory.At("lower"), directory.Folder($"{sources++}"));
            union.Open();
            Scenario.Before(union);
            union.Dispose();
            return union;
        }

        public string[] LowerNames() => Layer.Tree(directory.At("lower"));

        public void Dispose()
        {
            // Who is not root must be allowed to write a directory to remove what is in it.
            foreach (var folder in Directory.EnumerateDirectories(directory.Path, "locked*", SearchOption.AllDirectories))
                File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
            directory.Dispose();
        }
    }
}
