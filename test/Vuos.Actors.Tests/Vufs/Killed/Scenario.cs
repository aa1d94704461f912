using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>What was done to a union before, and the one change that is killed.</summary>
internal sealed record Scenario(string Name, UnionRequest Change, Action<UnionOnDisk> Before)
{
    private const uint Exchanging = 2;

    public static Scenario[] All { get; } =
    [
        new("copy up a file deep down", CopyUp("/d/e/f"), static _ => { }),
        new("copy up a directory that its owner may not write", CopyUp("/locked"), static _ => { }),
        new("copy up below a directory that was made again", CopyUp("/d/g"), static u => u.Do(Rename("/d/e", "/x"), Rename("/x", "/d/e"))),
        new("rename a file into a directory of the target", Rename("/d/e/f", "/other/deep/new"), static _ => { }),
        new("rename a file over one of the target", Rename("/d/e/f", "/other/deep/z"), static _ => { }),
        new("rename a file over one of the source", Rename("/d/e/f", "/other/deep/z"), static u => u.Do(CopyUp("/other/deep/z"), Mode("/other/deep/z"))),
        new("rename a file to a name that was removed", Rename("/d/e/f", "/top"), static u => u.Do(Remove("/top"))),
        new("rename a file that was made", Rename("/d/made", "/other/made"), static u => u.MakeFile("/d/made", "made")),
        new("rename a file over one that was made", Rename("/d/e/f", "/d/made"), static u => u.MakeFile("/d/made", "made")),
        new("rename a directory into one of the target", Rename("/d", "/other/deep/d"), static _ => { }),
        new("rename a directory to a name that was removed", Rename("/d", "/gone"), static u => u.Do(RemoveDirectory("/gone"))),
        new("rename a directory over an empty one of the target", Rename("/d/e", "/gone"), static _ => { }),
        new("rename a directory over one that was emptied", Rename("/d", "/other/deep"), static u => u.Do(Remove("/other/deep/z"), Remove("/other/deep/y"))),
        new("rename a directory with names removed", Rename("/d", "/other/d"), static u => u.Do(Remove("/d/e/f"), Remove("/d/g"))),
        new("rename a directory with modes recorded", Rename("/d", "/other/d"), static u => u.Do(Mode("/d"), Mode("/d/e"), Mode("/d/e/f"), Remove("/d/g"))),
        new("rename a directory with a directory made again in it", Rename("/d", "/x"), Again),
        new("rename a directory to and fro", Rename("/x", "/d"), static u => u.Do(Remove("/d/g"), Rename("/d", "/x"))),
        new("rename a directory that was made", Rename("/made", "/other/made"), Made),
        new("rename a directory that was made to a name that was removed", Rename("/made", "/d"), static u =>
        {
            Made(u);
            u.Do(Rename("/d", "/x"));
        }),
        new("exchange two files", Exchange("/d/e/f", "/other/deep/z"), static _ => { }),
        new("exchange two files with records", Exchange("/d/e/f", "/other/deep/z"), static u => u.Do(Mode("/d/e/f"), CopyUp("/other/deep/z"))),
        new("exchange a file and one that was made", Exchange("/d/made", "/other/deep/z"), static u => u.MakeFile("/d/made", "made")),
        new("exchange a file and a directory", Exchange("/top", "/d"), static _ => { }),
        new("exchange a directory and a file", Exchange("/d", "/top"), static u => u.Do(Mode("/d/e/f"), Remove("/d/g"))),
        new("exchange a file and a directory with records", Exchange("/top", "/d"), static u => u.Do(Mode("/top"), Mode("/d/e"), CopyUp("/d/e/f"))),
        new("exchange two directories", Exchange("/d", "/other"), static _ => { }),
        new("exchange two directories with records", Exchange("/d", "/other"), static u => u.Do(Mode("/d/e/f"), Remove("/d/g"), Mode("/other/deep"), CopyUp("/other/deep/z"))),
        new("exchange two directories deep down", Exchange("/d/e", "/other/deep"), static u => u.Do(Mode("/d/e/f"), CopyUp("/other/deep/z"), Remove("/other/deep/y"))),
        new("exchange a directory and one made again", Exchange("/d", "/other"), static u =>
        {
            Again(u);
            u.Do(Mode("/other/deep/z"));
        }),
        new("exchange a directory and one that was made", Exchange("/d", "/made"), Made),
        new("exchange two directories back", Exchange("/d", "/other"), static u => u.Do(Mode("/d/e/f"), Exchange("/d", "/other"), Remove("/d/deep/z"))),
        new("exchange a file and a directory back", Exchange("/d", "/top"), static u => u.Do(Exchange("/top", "/d"), Remove("/top/e/f"))),
        new("remove a file", Remove("/d/e/f"), static _ => { }),
        new("remove a file of the source", Remove("/d/e/f"), static u => u.Do(Mode("/d/e/f"))),
        new("remove a directory", RemoveDirectory("/d/e"), static u => u.Do(Mode("/d/e/f"), Remove("/d/e/f"), Remove("/d/e/l"))),
        new("link a file", Link("/d/e/f", "/other/deep/new"), static _ => { }),
        new("link a file into a directory made again", Link("/top", "/d/new"), Again),
        new("change a mode", Mode("/d/e/f"), static _ => { }),
        new("change a mode below a directory made again", Mode("/d/made"), Again),
    ];

    public override string ToString() => Name;

    public static UnionRequest CopyUp(string rel) => new CopyUpName(Make.Bytes(rel), long.MaxValue, 0);

    public static UnionRequest Rename(string from, string to, uint flags = 0) => new RenameName(Make.Bytes(from), Make.Bytes(to), flags, [], [], ToFolder: false);

    private static UnionRequest Exchange(string one, string other) => Rename(one, other, Exchanging);

    private static UnionRequest Remove(string rel) => new RemoveName(Make.Bytes(rel), Directory: false);

    private static UnionRequest RemoveDirectory(string rel) => new RemoveName(Make.Bytes(rel), Directory: true);

    private static UnionRequest Link(string from, string to) => new LinkName(Make.Bytes(from), Make.Bytes(to));

    private static UnionRequest Mode(string rel) => new ChangeAttributes(Make.Bytes(rel), 0x1ED, null, null);

    private static void Made(UnionOnDisk union)
    {
        union.MakeDirectory("/made");
        union.MakeFile("/made/file", "made");
        union.MakeDirectory("/made/e");
        // One with a record, by a copy.
        union.Do(Rename("/top", "/made/e/top"));
    }

    /// <summary>The directory is one of the source alone, with a file in it that has a record.</summary>
    private static void Again(UnionOnDisk union)
    {
        union.Do(Rename("/d", "/away"));
        union.MakeDirectory("/d");
        union.Do(Rename("/away/e/f", "/d/made"));
    }
}
