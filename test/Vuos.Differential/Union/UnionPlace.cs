using System.Diagnostics;
using System.Globalization;
using Vuos.Differential.Harness;

namespace Vuos.Differential.Union;

/// <summary>The directories of one comparison: a lower tree, an upper one, and the mount point, in a place of their own.</summary>
internal sealed class UnionPlace : IDisposable
{
    private const uint Foreign = 3000;
    private readonly Workspace.Place _place;
    private readonly UnionCase _case;
    private readonly ulong _seed;

    public UnionPlace(UnionCase union, ulong seed)
    {
        _case = union;
        _seed = seed;
        _place = Workspace.New(User.Root, View.NoLayer);
        foreach (var dir in (string[])[Lower, Copy, Upper, Work, OverlayUpper, Mount])
            Directory.CreateDirectory(dir);
        // Open to nobody, who enters it.
        Shell($"chmod 755 '{_place.Real}'");
        Shell($"'{Ops}' make '{Lower}' {Seed} {union.Make}");
        if (union.Model == Model.CopyAsRoot)
            Shell($"chown -Rh {Foreign}:{Foreign} '{Lower}'");
        Shell($"cp -a '{Lower}/.' '{Copy}/'");
        if (union.User == User.Nobody)
        {
            Posix.Give(Upper, 65534);
            if (union.Model == Model.Copy)
                Shell($"chown -Rh 65534:65534 '{Copy}'");
            if (union.LowerIsOwn)
                Shell($"chown -Rh 65534:65534 '{Lower}'");
        }
        if (union.Model == Model.CopyAsRoot)
            // The mount root is the upper directory, which is the user's own.
            Shell($"chown 0:0 '{Copy}'");
    }

    public static string Ops { get; } = Workspace.Compile(Path.Combine(Settings.Material, "Union", "ops.c"));

    public string Lower => Path.Combine(_place.Real, "lower");
    public string Upper => Path.Combine(_place.Real, "upper");
    private string Copy => Path.Combine(_place.Real, "copy");
    private string OverlayUpper => Path.Combine(_place.Real, "ovl-upper");
    private string Work => Path.Combine(_place.Real, "ovl-work");
    private string Mount => Path.Combine(_place.Real, "in", "mnt");
    private string Seed => _seed.ToString(CultureInfo.InvariantCulture);

    /// <summary>Everything about the lower tree, as text.</summary>
    public string LowerNow() => Shell($"'{Ops}' dump '{Lower}' {_case.Make}");

    /// <summary>Runs the operations in the model.</summary>
    public List<string> InModel(int first, int count, IEnumerable<int> skip)
    {
        // In a mount of its own too, so that renames out of it fail alike.
        var mount = _case.Model == Model.Overlay
            ? $"mount -t overlay overlay -o lowerdir={Lower},upperdir={OverlayUpper},workdir={Work},redirect_dir=on,index=off,metacopy=off {Mount}"
            : $"mount --bind {Copy} {Mount}";
        var become = _case is { User: User.Nobody, Model: Model.Copy } ? "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all " : "";
        return Lines(new Launch(User.Root, View.Native, "", "/", "", ["/bin/sh", "-c", $"{mount} && exec {become}\"$@\"", "sh", .. Words(Mount, first, count, skip)]));
    }

    /// <summary>Runs the operations under the hypervisor, where the union lies on the lower tree itself.</summary>
    public List<string> InView(string transport, int first, int count, IEnumerable<int> skip) =>
        Lines(new Launch(_case.User, View.NoLayer, transport, "/", "", Words(Lower, first, count, skip))
        {
            Options = ["--seal", "-N", "-m", "vufs", "--mount", $"vufs:{Upper}:{Lower}:{_case.Mode}"],
            Timeout = TimeSpan.FromSeconds(120),
        });

    private string[] Words(string at, int first, int count, IEnumerable<int> skip) =>
        [Ops, "run", at, Seed, _case.Letters, $"{first}", $"{count}", string.Join(',', skip)];

    private static List<string> Lines(Launch launch)
    {
        using var running = new Running(launch, Workspace.Logs);
        return [.. running.Finish().Lines().Where(l => !l.StartsWith('~'))];
    }

    private static string Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command}: status {process.ExitCode}");
    }

    public void Dispose() => Workspace.Remove(_place);
}
