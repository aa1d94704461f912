namespace Vuos.Benchmarks.OnWrite;

/// <summary>
/// The systems that lay a copy-on-write layer over the lower tree, at its own place. The mounts of overlayfs and fuse-overlayfs are made
/// in a mount namespace; it ends, as fuse-overlayfs does, with the first process of its process namespace, however that ends.
/// </summary>
internal static class LayerSystems
{
    public const string Cow = "cow", Overlay = "overlayfs", Fuse = "fuse-overlayfs";

    public static IEnumerable<Contestant> All(string vuos, string[] run) =>
    [
        new(Cow, "vufs cow", vuos, 0,
            (f, _) => [.. run, "--seal", "-m", "vufs", "--mount", $"vufs:{f.Layers.Upper}:{f.Layers.Lower}:cow"], OnWrite: true),
        new(Overlay, "overlayfs", "unshare", 0, static (f, _) => Apart(f, "mount -t overlay overlay"), OnWrite: true, Lacks: Root),
        new(Fuse, "fuse-overlayfs", "fuse-overlayfs", 0, static (f, _) => Apart(f, "fuse-overlayfs"), OnWrite: true,
            Lacks: static () => Root() ?? (File.Exists("/dev/fuse") ? null : "there is no /dev/fuse")),
    ];

    private static string[] Apart(Fixture fixture, string mount) =>
    [
        "unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", $"{mount} -o \"$1\" \"$2\" || exit; shift 2; exec \"$@\"", "sh",
        $"lowerdir={fixture.Layers.Lower},upperdir={fixture.Layers.Upper},workdir={fixture.Layers.Work}", fixture.Layers.Lower,
    ];

    private static string? Root() => Environment.IsPrivilegedProcess ? null : "only root mounts it";
}
