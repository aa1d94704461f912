using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Fuse.Real;

/// <summary>A directory with what the servers serve: directories, images, archives; each is made when a command names it.</summary>
internal sealed class Place : IDisposable
{
    private readonly TempDirectory _folder = new();

    public static byte[] Large { get; } = Bytes(1_000_003);

    public static string[] ManyNames { get; } = [.. Enumerable.Range(0, 700).Select(static i => $"name{i}")];

    public static Place Make()
    {
        var place = new Place();
        foreach (var name in new[] { "data", "lower", "work", "mount", "content/folder/many" })
            place._folder.Folder(name);
        File.WriteAllBytes(place._folder.At("content/folder/large"), Large);
        File.WriteAllText(place._folder.At("content/small"), "small\n");
        foreach (var name in ManyNames)
            File.WriteAllText(place._folder.At($"content/folder/many/{name}"), "");
        File.WriteAllText(place._folder.At("pass"), "password");
        File.WriteAllText(place._folder.At("sftp"), "#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n");
        File.SetUnixFileMode(place._folder.At("sftp"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return place;
    }

    /// <summary>Starts a server by its command, with {dir}, {device} and {base} (of the tests' own files) in it.</summary>
    public Task<RealServer> StartAsync(string command)
    {
        var words = command.Split(' ');
        foreach (var word in words.Where(static w => w.StartsWith("{dir}/", StringComparison.Ordinal)))
            Fill(word["{dir}/".Length..]);
        words = [.. words.Select(w => w.Replace("{dir}", _folder.Path).Replace("{device}", RealServer.Device).Replace("{base}", RealServer.Material))];
        return RealServer.StartAsync(words[0], words[1..]);
    }

    public void Dispose() => _folder.Dispose();

    private void Fill(string name)
    {
        var content = _folder.At("content");
        switch (name)
        {
            case "ext4" or "ext2":
                Run("/sbin/mke2fs", "-q", "-F", "-t", name, Empty(name, 16));
                break;
            case "ntfs":
                Run("/sbin/mkntfs", "-q", "-F", Empty(name, 16));
                break;
            case "cipher":
                Run("gocryptfs", "-init", "-q", "-scryptn", "10", "-passfile", _folder.At("pass"), _folder.Folder(name));
                break;
            case "exfat":
                Run("/sbin/mkfs.exfat", Empty(name, 16));
                break;
            case "zip":
                Run("python3", "-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').close()", _folder.At(name));
                break;
            case "squashfs":
                Run("mksquashfs", content, _folder.At(name), "-quiet", "-no-progress");
                break;
            case "iso":
                Run("genisoimage", "-quiet", "-R", "-o", _folder.At(name), content);
                break;
            case "tar":
                Run("tar", "-C", content, "-cf", _folder.At(name), "folder", "small");
                break;
        }
    }

    private string Empty(string name, int mebibytes)
    {
        using var file = File.Create(_folder.At(name));
        file.SetLength((long)mebibytes << 20);
        return file.Name;
    }

    private static void Run(string program, params string[] arguments)
    {
        var outcome = ChildProcess.Run(program, arguments);
        Assert.True(outcome.Status == 0, $"{program}: {outcome.Output}{outcome.Errors}");
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(2).NextBytes(bytes);
        return bytes;
    }
}
