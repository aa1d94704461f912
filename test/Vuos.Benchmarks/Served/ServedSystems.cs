namespace Vuos.Benchmarks.Served;

/// <summary>
/// The systems that mount the image by the same fuse2fs: by the kernel's /dev/fuse, in a mount namespace that ends with the first process of its process namespace, and by vufuse.
/// </summary>
internal static class ServedSystems
{
    public const string Kernel = "kernel-fuse", Vufuse = "vufuse";

    public static IEnumerable<Contestant> All(string vuos, string[] run) =>
    [
        new(Kernel, "kernel FUSE", "fuse2fs", 0, static (f, _) =>
        [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", "fuse2fs \"$1\" \"$2\" -o rw >/dev/null || exit; shift 2; exec \"$@\"", "sh", f.Images.Image, f.Images.Mount,
        ], Served: true, Lacks: static () => !Environment.IsPrivilegedProcess ? "only root mounts it" : File.Exists("/dev/fuse") ? null : "there is no /dev/fuse"),
        new(Vufuse, "vufuse", vuos, 0, (f, _) => [.. run, "--seal", "-m", "vufuse", "--mount", $"vufuseext2:{f.Images.Image}:{f.Images.Mount}:rw+"], Served: true,
            Lacks: static () => Programs.OnPath("fuse2fs") ? null : "fuse2fs not on PATH"),
    ];
}
