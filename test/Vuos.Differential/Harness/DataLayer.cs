using System.Diagnostics;

namespace Vuos.Differential.Harness;

/// <summary>A virtual file system or device, made from nothing in a place of its own.</summary>
internal sealed class DataLayer
{
    /// <summary>Bytes before the partition, as sfdisk aligns them.</summary>
    private const long PartitionOffset = 1 << 20;

    private const int PartitionMegabytes = 24;

    private readonly Workspace.Place _place;
    private readonly User _user;

    private DataLayer(string kind, User user)
    {
        _user = user;
        _place = Workspace.New(user, View.NoLayer);
        var mount = At("m");
        switch (kind)
        {
            case "memory":
                Mounts = [$"vufusememory:none:{mount}"];
                break;
            case "real":
                Own(Directory.CreateDirectory(At("source")).FullName);
                (Mounts, Backing) = ([$"vufusereal:{At("source")}:{mount}"], At("source/file"));
                break;
            case "ext4":
                MakeImage(0, "mkfs.ext4", "64M");
                (Mounts, Checked) = ([$"vufuseext2:{Image}:{mount}:rw+"], [Image]);
                break;
            case "direct":
                MakeImage(0, "mkfs.ext4", "64M");
                (Mounts, Checked) = ([$"vufuseext2:{Image}:{mount}:rw+,direct_io"], [Image]);
                break;
            case "partition":
                MakeDisk();
                (Mounts, Checked) = ([$"vudevpartx:{Image}:{At("hda")}", $"vufuseext2:{At("hda1")}:{mount}:rw+"], [$"{Image}?offset={PartitionOffset}"]);
                break;
            case "device":
                MakeDisk();
                (Mounts, Backing, Offset, Fixed, File) = ([$"vudevpartx:{Image}:{At("hda")}"], Image, PartitionOffset, true, At("hda1"));
                break;
            default:
                throw new ArgumentException(kind);
        }

        File ??= Path.Combine(mount, "file");
        Directory.CreateDirectory(mount);
        System.IO.File.WriteAllText(Model, "");
        Own(Model);
    }

    /// <summary>Of <c>run --mount</c>, in order.</summary>
    public IReadOnlyList<string> Mounts { get; }

    /// <summary><see cref="Mounts"/> as options of <c>run</c>.</summary>
    public IEnumerable<string> Options => Mounts.SelectMany(static m => new[] { "--mount", m });

    /// <summary>The file, in the view.</summary>
    public string File { get; }

    /// <summary>Where the host finds what was written, if it can; how many bytes from the beginning.</summary>
    public string Backing { get; } = "-";

    public long Offset { get; }

    /// <summary>It cannot change its size.</summary>
    public bool Fixed { get; }

    /// <summary>What e2fsck takes.</summary>
    public IReadOnlyList<string> Checked { get; } = [];

    public string Model => At("model");

    private string Image => At("image");

    /// <param name="kind">memory, real, ext4, direct (ext4 whose server opens files for direct I/O), partition, device.</param>
    public static DataLayer Make(string kind, User user) => new(kind, user);

    public string At(string name) => Path.Combine(_place.Real, name);

    public void Remove() => Workspace.Remove(_place);

    /// <summary>Runs e2fsck(8) on one of <see cref="Checked"/>, and gives its status.</summary>
    public static int Fsck(string how, string image, out string output)
    {
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"PATH=$PATH:/sbin:/usr/sbin; exec e2fsck {how} \"$0\" 2>&1", image]) { RedirectStandardOutput = true })!;
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private void MakeDisk()
    {
        Workspace.Tool("/bin/sh", "-c", $"truncate -s {PartitionMegabytes + 8}M '{Image}' && printf 'label: gpt\\nsize={PartitionMegabytes}M\\n' | sfdisk -q '{Image}'");
        MakeImage(PartitionOffset, "mkfs.ext4", $"{PartitionMegabytes}M");
    }

    private void MakeImage(long offset, string mkfs, string size)
    {
        var owner = _user == User.Nobody ? "65534:65534" : $"{Posix.EffectiveUserId()}:{Posix.EffectiveUserId()}";
        Workspace.Tool("/bin/sh", "-c", $"PATH=$PATH:/sbin:/usr/sbin {mkfs} -q -F -E offset={offset},root_owner={owner} '{Image}' {size}");
        Own(Image);
    }

    private void Own(string path)
    {
        if (_user == User.Nobody)
            Posix.Give(path, 65534);
    }
}
