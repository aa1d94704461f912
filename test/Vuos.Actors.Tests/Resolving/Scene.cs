using System.Text;
using CsCheck;

namespace Vuos.Actors.Tests.Resolving;

internal enum EntryKind
{
    Directory, File, RelativeLink, AbsoluteLink,
}

/// <summary>One thing in a tree; links have a text (absolute ones begin at the tree).</summary>
internal sealed record Entry(string Path, EntryKind Kind, string Target);

/// <summary>A tree, binds in it, a working directory, a root, and paths to look up. Absolute paths begin at the tree, marked by "/".</summary>
internal sealed record Scene(Entry[] Entries, (string Source, string Target)[] Binds, string Base, string Root, (string Path, bool Follow)[] Paths)
{
    private static readonly Gen<string> Name = Gen.Frequency((6, "a"), (6, "b"), (4, "c"), (1, "d"));

    private static readonly string[] Usual = ["/a/a", "/a/b", "/b/a", "/b/c", "/c/a/b"];

    /// <summary>Most scenes have these directories, so that most binds find their places.</summary>
    private static readonly Entry[] Common = [.. Usual.Select(static p => new Entry(p, EntryKind.Directory, ""))];

    /// <summary>What a guest may write between slashes.</summary>
    private static readonly Gen<string> Component = Gen.Frequency((8, Name), (1, Gen.Const(".")), (3, Gen.Const("..")));

    private static readonly Gen<string> Place = Name.Array[1, 3].Select(static n => "/" + string.Join('/', n));

    private static readonly Gen<string> Point = Gen.Frequency((1, Place), (4, Gen.OneOf([.. Usual, "/a", "/b", "/c", "/c/a"])));

    private static readonly Gen<string> Written = Gen.Select(Component.Array[1, 5], Gen.Frequency((8, "/"), (1, "//")), Gen.Frequency((8, ""), (1, "/"), (1, "//")),
        static (components, slash, tail) => string.Join(slash, components) + tail);

    private static readonly Gen<Entry> Thing = Gen.Select(Place, Gen.Frequency((5, EntryKind.Directory), (2, EntryKind.File), (3, EntryKind.RelativeLink), (2, EntryKind.AbsoluteLink)), Written,
        static (path, kind, target) => new Entry(path, kind, target));

    private static readonly Gen<string> Path = Gen.Select(Gen.Bool, Written, static (absolute, path) => absolute ? "/" + path : path);

    public static Gen<Scene> Any(bool roots) => Gen.Select(
        Gen.Select(Gen.Frequency((1, Array.Empty<Entry>()), (6, Common)), Thing.Array[0, 14], static (common, more) => common.Concat(more).ToArray()), Gen.Select(Point, Point).Array[0, 5], Gen.Frequency((1, Gen.Const("")), (4, Point)), roots ? Point : Gen.Const(""),
        Gen.Select(Path, Gen.Bool).Array[1, 12],
        static (entries, binds, from, root, paths) => new Scene(entries, binds, from, root, paths));

    /// <summary>Makes the tree; what cannot be made (below a file, there already) is left out.</summary>
    public void Build(string tree)
    {
        foreach (var entry in Entries)
        {
            var path = tree + entry.Path;
            // Through a link it would be made elsewhere, perhaps outside the tree.
            if (LeadsThroughLink(tree, entry.Path))
                continue;
            try
            {
                switch (entry.Kind)
                {
                    case EntryKind.Directory:
                        Directory.CreateDirectory(path);
                        break;
                    case EntryKind.File when !System.IO.Path.Exists(path):
                        File.WriteAllBytes(path, []);
                        break;
                    case EntryKind.RelativeLink:
                        File.CreateSymbolicLink(path, entry.Target);
                        break;
                    case EntryKind.AbsoluteLink:
                        File.CreateSymbolicLink(path, $"{tree}/{entry.Target}");
                        break;
                }
            }
            catch (IOException)
            {
            }
        }
    }

    private static bool LeadsThroughLink(string tree, string path)
    {
        for (var slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            var prefix = slash < 0 ? path : path[..slash];
            if (new FileInfo(tree + prefix).LinkTarget is not null)
                return true;
            if (slash < 0)
                return false;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in Entries)
            text.Append($"{entry.Kind} {entry.Path}{(entry.Kind >= EntryKind.RelativeLink ? " -> " + entry.Target : "")}\n");
        foreach (var (source, target) in Binds)
            text.Append($"bind {source} on {target}\n");
        text.Append($"base '{Base}' root '{Root}'\n");
        foreach (var (path, follow) in Paths)
            text.Append($"look up {path} {(follow ? "follow" : "nofollow")}\n");
        return text.ToString();
    }
}
