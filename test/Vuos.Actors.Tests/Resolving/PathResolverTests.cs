using CsCheck;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Resolving;

/// <summary>Path resolution in a view with binds is what the kernel does with real binds: the same error, or the same object under the same name.</summary>
public sealed class PathResolverTests
{
    private enum From
    {
        WorkingDirectory, Descriptor,
    }

    [Fact]
    public void In_a_view_with_binds_paths_lead_where_the_kernel_leads_them() => Compare(roots: false, From.WorkingDirectory, examine: true, 300);

    [Fact]
    public void The_fast_test_by_name_lets_nothing_wrong_pass() => Compare(roots: false, From.WorkingDirectory, examine: false, 300);

    [Fact]
    public void Paths_relative_to_a_descriptor_lead_where_the_kernel_leads_them() => Compare(roots: false, From.Descriptor, examine: false, 300);

    [Fact]
    public void In_a_changed_root_paths_lead_where_the_kernel_leads_them() => Compare(roots: true, From.WorkingDirectory, examine: true, 300);

    private sealed record Coverage
    {
        public int Scenes { get; set; }

        public int Binds { get; set; }

        public int Found { get; set; }

        public int InBinds { get; set; }
    }

    private static void Compare(bool roots, From from, bool examine, int samples)
    {
        using var kernel = Kernel.Open();
        if (kernel is null)
            return;
        using var folder = new TempDirectory();
        var seen = new Coverage();
        Scene.Any(roots).Sample(
            scene =>
            {
                if (Differences(kernel, scene, folder.Folder($"tree{++seen.Scenes}"), from, examine, seen) is { Length: > 0 } differences)
                    throw new InvalidOperationException(differences);
            },
            iter: samples,
            threads: 1);
        // Worth nothing if hardly a bind is made or hardly a path leads anywhere.
        Assert.True(seen.Binds > samples && seen.Found > samples && seen.InBinds > samples / 5, seen.ToString());
    }

    /// <summary>One line for each path that led elsewhere.</summary>
    private static string Differences(Kernel kernel, Scene scene, string tree, From from, bool examine, Coverage seen)
    {
        scene.Build(tree);
        var root = scene.Root.Length == 0 ? "" : tree + scene.Root;
        var answer = kernel.Ask(new Question(
            tree,
            [.. scene.Binds.Select(b => new[] { tree + b.Source, tree + b.Target })],
            tree + scene.Base,
            root,
            [.. scene.Paths.Select(p => new object[] { Absolute(p.Path), p.Follow })]));
        var view = new View(answer.NoBase ? "/" : tree + scene.Base, from);
        var differences = new List<string>();
        for (var i = 0; i < scene.Binds.Length; i++)
        {
            seen.Binds += answer.Binds[i] == 0 ? 1 : 0;
            if (answer.Binds[i] == 0 && view.Bind(tree + scene.Binds[i].Source, tree + scene.Binds[i].Target, i + 1) is { } refusal)
                differences.Add($"bind {i}: {refusal}");
        }

        view.Enter(answer.NoRoot ? "" : root);
        for (var i = 0; i < scene.Paths.Length; i++)
        {
            var expected = answer.Results[i];
            var (error, stat, name) = view.Look(Make.Bytes(Absolute(scene.Paths[i].Path)), scene.Paths[i].Follow, examine);
            seen.Found += expected[0].GetInt32() == 0 ? 1 : 0;
            seen.InBinds += view.InBind ? 1 : 0;
            var expectedName = expected[3].GetString()!;
            var same = expected[0].GetInt32() != 0
                ? (int)error == expected[0].GetInt32()
                : error == Errno.None && stat.Dev == expected[1].GetUInt64() && stat.Ino == expected[2].GetUInt64()
                    && (name is null || expectedName.StartsWith("(unreachable)", StringComparison.Ordinal) || name == expectedName);
            if (!same)
                differences.Add($"{scene.Paths[i]}: {error} {stat.Dev}:{stat.Ino} {name}, expected {(Errno)expected[0].GetInt32()} {expected[1]}:{expected[2]} {expectedName}");
        }

        return string.Join('\n', differences);

        // Below a changed root the tree is not at its place: absolute paths begin at the root itself.
        string Absolute(string path) => path[0] == '/' && root.Length == 0 ? tree + path : path;
    }

    /// <summary>This process as the guest: its view of the tree.</summary>
    private sealed class View(string start, From from)
    {
        private readonly PublishedView published = new();
        private readonly GuestThread self = Make.Self();
        private readonly Resolution found = new();
        private PathResolver resolver = null!;
        private byte[] baseHost = [];

        /// <summary>Whether the last path led into a bind.</summary>
        public bool InBind => found.Kind == ResolutionKind.Host && found.Top is not null;

        public string? Bind(string source, string target, int epoch)
        {
            resolver ??= new PathResolver(published, _ => null);
            var (sourceView, sourceHost) = Canonical(source);
            var (targetView, targetHost) = Canonical(target);
            var made = VufsModule.Create(new MountSpecification
            {
                Epoch = epoch,
                Type = "vufs",
                Source = Make.Bytes(source),
                SourceView = sourceView,
                SourceHost = sourceHost,
                TargetView = targetView,
                TargetHost = targetHost,
            });
            if (made.Mount is null)
                return made.Sentence;
            published.Table = published.Table.With(made.Mount);
            return null;
        }

        /// <summary>The guest changes to its start directory and then its root.</summary>
        public void Enter(string root)
        {
            resolver ??= new PathResolver(published, _ => null);
            var (view, host) = Canonical(start);
            baseHost = host;
            if (from == From.WorkingDirectory)
                self.Process.Fs.Enter(view);
            else
                self.Process.Names.Remember(host, view);
            if (root.Length > 0)
                self.Process.Fs.Root = Canonical(root).View;
        }

        public (Errno Error, KernelStat Stat, string? Name) Look(byte[] path, bool follow, bool examine)
        {
            var fd = Files.Open(Terminated(baseHost), OpenFlag.Path | OpenFlag.CloExec);
            try
            {
                resolver.Resolve(self, from == From.WorkingDirectory ? At.FdCwd : fd, path, follow, examine, found);
                if (found.Kind == ResolutionKind.Failed)
                    return (found.Error, default, null);
                var flags = follow ? 0 : At.SymlinkNoFollow;
                var host = found.Kind == ResolutionKind.Host ? found.Host.ForKernel() : Terminated(path);
                var error = Sys.Error(Files.Stat(host, out var stat, flags, (int)fd));
                return (error, stat, found.Unexamined ? null : BytePath.Display(Calls.ProcView.Below(found.View.Span, self.Process.Fs.Root)));
            }
            finally
            {
                Files.Close(fd);
            }
        }

        private (byte[] View, byte[] Host) Canonical(string path)
        {
            resolver.Resolve(self, At.FdCwd, Make.Bytes(path), follow: true, examine: true, found);
            return (found.View.Span.ToArray(), BytePath.WithoutTail(found.Host.Span).ToArray());
        }

        private static byte[] Terminated(byte[] path) => [.. path.Length == 0 ? "/"u8 : path, 0];
    }
}
