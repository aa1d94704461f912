using Xunit;

namespace Vuos.Cli.Tests;

/// <summary>
/// The script at the root of a clone, in a clone of its own with a program that prints what it was given. The fake dotnet beside it
/// "builds" that program and counts how often it was asked.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private const string ProgramText = "#!/bin/sh\nprintf '%s\\n' \"${0##*/}\" \"$PWD\" \"$@\"\nexit 7\n";

    private static readonly string[] Folders = ["Vuos.Native", "Vuos.FileSystems", "Vuos.FileSystems.Examples", "Vuos.Actors", "Vuos.Guest", "Vuos.Cli", "HOCON"];

    private readonly TempDirectory directory = new();
    private readonly string script;

    public LauncherTests()
    {
        script = directory.At("my clone/vuos-actors");
        directory.Program("my clone/vuos-actors", File.ReadAllText(Path.Combine(Repository.Root, "vuos-actors")));
        foreach (var folder in Folders)
            directory.File($"my clone/{folder}/source");
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json"])
            directory.File("my clone/" + file);
        directory.Program("sdk/dotnet", $"""
            #!/bin/sh
            echo built >> '{directory.At("builds")}'
            if [ -e '{directory.At("broken")}' ]; then echo 'error XY1: broken'; exit 1; fi
            while [ $# -gt 0 ]; do case $1 in -o) out=$2 ;; esac; shift; done
            mkdir -p "$out"
            cp '{directory.Program("program", ProgramText)}' "$out/vuos-actors"
            ln -s vuos-actors "$out/umvu"
            """);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public void It_builds_once_and_passes_arguments_exactly()
    {
        string[] args = ["run", "a  b", "", "*", "$HOME", "-x", "\"'\\", "two\nlines", "--"];
        var first = Launch(script, args);
        Assert.Equal("vuos-actors: building (first use, about a minute)…\n", first.Error);
        Assert.Equal((7, "vuos-actors\n/\n" + string.Join('\n', args) + "\n"), (first.Status, first.Output));
        Assert.Equal(new(7, first.Output, ""), Launch(script, args));
        Assert.Equal(1, Builds);
    }

    [Theory]
    [InlineData("vuos-actors")]
    [InlineData("umvu")]
    [InlineData("other")]
    public void It_works_through_links(string name)
    {
        directory.Folder("links");
        File.CreateSymbolicLink(directory.At("hop"), "my clone/vuos-actors");
        File.CreateSymbolicLink(directory.At("links/" + name), "../hop");
        Assert.Equal($"{(name == "umvu" ? "umvu" : "vuos-actors")}\n/\nx\n", Launch(directory.At("links/" + name), "x").Output);
    }

    [Fact]
    public void It_builds_again_when_a_source_is_newer()
    {
        Launch(script);
        AgeTheBuild();
        Assert.Equal("vuos-actors: building (sources have changed)…\n", Launch(script).Error);
        Assert.Equal(new(7, "vuos-actors\n/\n", ""), Launch(script));
        Assert.Equal(2, Builds);
    }

    [Fact]
    public void What_a_build_in_the_source_folders_writes_does_not_count()
    {
        directory.Folder("my clone/Vuos.Cli/obj");
        Launch(script);
        directory.File("my clone/Vuos.Cli/obj/fresh");
        File.SetLastWriteTimeUtc(directory.At("my clone/Vuos.Cli/obj/fresh"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("", Launch(script).Error);
    }

    [Fact]
    public void The_first_bin_and_obj_in_a_source_folder_do_not_count()
    {
        Launch(script);
        foreach (var folder in Folders)
        {
            directory.File($"my clone/{folder}/obj/fresh");
            directory.Folder($"my clone/{folder}/bin");
            Directory.SetLastWriteTimeUtc(directory.At("my clone/" + folder), DateTime.UtcNow.AddMinutes(1));
        }
        Assert.Equal("", Launch(script).Error);
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void It_builds_again_when_a_source_in_a_folder_is_removed()
    {
        var removed = directory.File("my clone/Vuos.Cli/Running/source");
        Launch(script);
        File.Delete(removed);
        Directory.SetLastWriteTimeUtc(directory.At("my clone/Vuos.Cli/Running"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("vuos-actors: building (sources have changed)…\n", Launch(script).Error);
    }

    [Fact]
    public void A_build_that_fails_shows_why_and_the_next_start_tries_again()
    {
        directory.File("broken");
        var failed = Launch(script, "run");
        Assert.Equal((125, ""), (failed.Status, failed.Output));
        Assert.Contains("error XY1: broken\nvuos-actors: the build failed", failed.Error);
        File.Delete(directory.At("broken"));
        Assert.Equal(7, Launch(script).Status);
    }

    [Fact]
    public void A_failed_rebuild_does_not_run_the_old_program()
    {
        Launch(script);
        directory.File("broken");
        AgeTheBuild();
        Assert.Equal(125, Launch(script).Status);
    }

    [Fact]
    public async Task Two_first_uses_at_once_build_once()
    {
        var both = await Task.WhenAll(Task.Run(() => Launch(script, "1")), Task.Run(() => Launch(script, "2")));
        Assert.All(both, static ran => Assert.Equal(7, ran.Status));
        Assert.Equal(1, Builds);
    }

    private int Builds => File.ReadAllLines(directory.At("builds")).Length;

    private ProgramProcess Launch(string path, params string[] args) =>
        ProgramProcess.RunIn("/", "/usr/bin/env", ["PATH=" + directory.At("sdk") + ":/usr/bin:/bin", path, .. args]);

    /// <summary>Makes the build older than the sources.</summary>
    private void AgeTheBuild() => File.SetLastWriteTimeUtc(directory.At("my clone/out/stamp"), DateTime.UtcNow.AddHours(-1));
}
