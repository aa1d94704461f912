using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Fuse.Real;

/// <summary>
/// Servers of the distribution over a session. With libfuse 3: sshfs, fuse-overlayfs, squashfuse, pyfuse3. With libfuse 2: bindfs, unionfs, fuse2fs, exfat-fuse, fuse-zip, archivemount, fuseiso,
/// fuse-ext2, fusepy. With a library of their own: mergerfs (libfuse 2 with a newer protocol), ntfs-3g (libfuse-lite), gocryptfs (go-fuse).
/// </summary>
public class RealServerTests : FuseTest
{
    /// <summary>Without what the server gets wrong by itself: sshfs counts no links; fuse-ext2 sets mtime to atime, and waits for itself for ever in link.</summary>
    public static TheoryData<string, Features> Writers => new()
    {
        { "sshfs -f -o ssh_command={dir}/sftp host:{dir}/data {device}", Features.SymLinks | Features.Modes | Features.Times },
        { "fuse-overlayfs -f -o lowerdir={dir}/lower,upperdir={dir}/data,workdir={dir}/work {device}", Features.All },
        { "bindfs -f {dir}/data {dir}/mount", Features.All },
        { "bindfs -f -o splice_read,splice_write,splice_move {dir}/data {dir}/mount", Features.All },
        { "unionfs -f -o cow {dir}/data=RW:{dir}/lower=RO {dir}/mount", Features.Links | Features.SymLinks | Features.Modes | Features.Times },
        { "mergerfs -f {dir}/data {dir}/mount", Features.All },
        { "fuse2fs -f -o rw {dir}/ext4 {dir}/mount", Features.All },
        { "fuseext2 -o rw+ {dir}/ext2 {dir}/mount", Features.SymLinks | Features.Modes },
        { "ntfs-3g -o no_detach {dir}/ntfs {dir}/mount", Features.Links | Features.SymLinks | Features.Times },
        { "mount.exfat-fuse -d {dir}/exfat {dir}/mount", Features.Times },
        { "gocryptfs -fg -q -passfile {dir}/pass {dir}/cipher {device}", Features.All },
        { "fuse-zip -f {dir}/zip {dir}/mount", Features.SymLinks | Features.Modes },
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task A_server_that_writes(string command, Features features)
    {
        using var place = Place.Make();
        await using var server = await place.StartAsync(command);
        await new Exercise(server.Files).WriteAsync(features).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static TheoryData<string> Readers => new()
    {
        "squashfuse -f {dir}/squashfs {device}",
        "fuseiso {dir}/iso {dir}/mount -f",
        "archivemount -f {dir}/tar {dir}/mount",
        "bindfs -f {dir}/content {dir}/mount",
        "bindfs -f -o splice_read,splice_write,splice_move {dir}/content {dir}/mount",
        "fuse-overlayfs -f -o lowerdir={dir}/content,upperdir={dir}/data,workdir={dir}/work {device}",
        "sshfs -f -o ssh_command={dir}/sftp host:{dir}/content {device}",
        "mergerfs -f {dir}/content {dir}/mount",
        "/usr/bin/python3 {base}/serve.py pyfuse3 {dir}/content {device}",
        "/usr/bin/python3 {base}/serve.py fusepy {dir}/content {dir}/mount",
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task A_server_that_reads(string command)
    {
        using var place = Place.Make();
        await using var server = await place.StartAsync(command);
        var exercise = new Exercise(server.Files);
        await exercise.ReadAsync("folder/large", Place.Large);
        await exercise.ReadAsync("small", "small\n"u8.ToArray());
        await exercise.ListAsync("folder/many", Place.ManyNames);
        await exercise.ListAsync("/", "folder", "small");
    }
}
