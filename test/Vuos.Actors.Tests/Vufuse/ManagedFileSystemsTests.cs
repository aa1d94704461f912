using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Vuos.Actors.Modules.Vufuse;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.FileSystems.Examples;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vufuse;

/// <summary>Classes found and loaded, or refused in one sentence.</summary>
public sealed class ManagedFileSystemsTests : IDisposable
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "modules", "vufuseenvironment.dll");

    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void The_built_in_ones_are_found_by_type()
    {
        Assert.IsType<MemoryFileSystem>(Types().Create("vufusememory").System);
        Assert.IsType<PassthroughFileSystem>(Types().Create("vufusereal").System);
        Assert.IsType<NullFileSystem>(Types().Create("vufusenull").System);
        Assert.NotSame(Types().Create("vufusenull").System, Types().Create("vufusenull").System);
        Assert.Contains(Types().Known(), static k => k is { File: "", Class: { Type: "vufusememory", Description: "a file system in memory" } });
    }

    [Fact]
    public void A_type_that_nothing_serves_is_nobodys_mistake() => Assert.Equal(default, Types().Create("vufusenosuch"));

    [Fact]
    public async Task The_example_of_the_documentation_loads_and_works()
    {
        File.Copy(Sample, directory.At("vufuseenvironment.dll"));
        var result = Types().Create("vufuseenvironment");
        Assert.Equal((Errno.None, ""), (result.Error, result.Sentence));
        await using var system = result.System!;
        Assert.NotSame(typeof(ManagedFileSystemsTests).Assembly, system.GetType().Assembly);
        Assert.False((await system.StartAsync(new MountRequest { Type = "vufuseenvironment", Source = "none" }, default)).Failed);
        var path = await system.LookupAsync(1, Make.Bytes("PATH"), default, default);
        var buffer = new byte[path.Value.Attributes.Size + 10];
        var count = await system.ReadAsync(path.Value.Node, 0, 0, buffer, default, default);
        Assert.Equal(Environment.GetEnvironmentVariable("PATH") + "\n", Make.Text(buffer.AsSpan(0, count.Value)));
        var handle = (await system.OpenDirectoryAsync(1, 0, default, default)).Value.Handle;
        Assert.Contains((await system.ReadDirectoryAsync(1, handle, 0, false, default, default)).Value, static e => Make.Text(e.Name) == "PATH");
        Assert.Equal(Errno.ENOENT, (await system.LookupAsync(1, Make.Bytes("NO SUCH"), default, default)).Error);
        Assert.Equal(Errno.EROFS, (await system.MakeDirectoryAsync(1, Make.Bytes("d"), 0, default, default)).Error);
    }

    [Fact]
    public void The_example_in_the_documentation_is_the_one_that_is_tested()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "VuosActors.sln")))
            root = Path.GetDirectoryName(root)!;
        var page = File.ReadAllText(Path.Combine(root, "docs/filesystems.md"));
        Assert.Contains("```csharp\n" + File.ReadAllText(Path.Combine(root, "test/Vuos.FileSystems.Sample/EnvironmentFileSystem.cs")) + "```", page);
    }

    [Fact]
    public void A_class_is_found_whatever_its_file_is_called_and_in_a_folder_of_its_own()
    {
        File.Copy(Sample, directory.At("other.dll"));
        File.WriteAllText(directory.At("broken.dll"), "no assembly");
        Assert.NotNull(Types().Create("vufuseenvironment").System);
        File.Delete(directory.At("other.dll"));
        directory.Folder("mine");
        File.Copy(Sample, directory.At("mine/mine.dll"));
        Assert.NotNull(Types().Create("vufuseenvironment").System);
    }

    [Fact]
    public void A_module_that_was_built_again_is_loaded_again()
    {
        var file = directory.At("vufuseenvironment.dll");
        File.Copy(Sample, file);
        var types = Types();
        var first = types.Create("vufuseenvironment").System!.GetType();
        Assert.Same(first, types.Create("vufuseenvironment").System!.GetType());
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        Assert.NotSame(first, types.Create("vufuseenvironment").System!.GetType());
    }

    [Theory]
    [InlineData("vufusethrows", "vufusethrows: the class Sample.Throws in FILE cannot be made: its constructor throws InvalidOperationException: no licence")]
    [InlineData("vufuseneeds", "vufuseneeds: the class Sample.Needs in FILE must be public and not abstract, with a public constructor without parameters")]
    [InlineData("vufusenothing", "vufusenothing: the class Sample.Nothing in FILE does not implement Vuos.FileSystems.IFileSystem")]
    public void What_is_wrong_with_a_class_is_said_in_one_sentence(string type, string sentence)
    {
        File.Copy(Sample, directory.At("module.dll"));
        Assert.Equal(new ManagedResult(null, Errno.ENOEXEC, sentence.Replace("FILE", directory.At("module.dll"))), Types().Create(type));
    }

    [Fact]
    public void What_is_wrong_with_the_file_named_like_the_type_is_said()
    {
        var file = directory.File("vufusex.dll", "text"u8.ToArray());
        Assert.Equal($"vufusex: {file} is no .NET assembly, or damaged", Types().Create("vufusex").Sentence);
        File.Copy(Sample, file, overwrite: true);
        Assert.Equal($"vufusex: {file} has no public class with [FileSystem(\"vufusex\")]", Types().Create("vufusex").Sentence);
        var image = File.ReadAllBytes(Sample);
        File.WriteAllBytes(file, image[..(image.Length / 2)]);
        Assert.Contains("is no .NET assembly, or damaged", Types().Create("vufusex").Sentence);
    }

    [Fact]
    public void A_module_for_another_version_is_refused()
    {
        var image = File.ReadAllBytes(Sample);
        SetContractVersion(image, 9, 7);
        var file = directory.File("vufuseenvironment.dll", image);
        Assert.Equal(
            $"vufuseenvironment: {file} was built for Vuos.FileSystems 9.7, and this program has {typeof(IFileSystem).Assembly.GetName().Version!.ToString(2)}: build it again",
            Types().Create("vufuseenvironment").Sentence);
    }

    /// <summary>Overwrites the version in the row of the AssemblyRef table (ECMA-335 II.22.5: it begins with four numbers of two bytes).</summary>
    private static void SetContractVersion(byte[] image, ushort major, ushort minor)
    {
        using var file = new PEReader(new MemoryStream(image));
        var reader = file.GetMetadataReader();
        var handle = reader.AssemblyReferences.Single(h => reader.GetString(reader.GetAssemblyReference(h).Name) == "Vuos.FileSystems");
        var row = file.PEHeaders.MetadataStartOffset + reader.GetTableMetadataOffset(TableIndex.AssemblyRef)
            + (MetadataTokens.GetRowNumber(handle) - 1) * reader.GetTableRowSize(TableIndex.AssemblyRef);
        BitConverter.TryWriteBytes(image.AsSpan(row), major);
        BitConverter.TryWriteBytes(image.AsSpan(row + 2), minor);
    }

    private ManagedFileSystems Types() => ManagedFileSystems.Of([directory.At("no such directory"), directory.Path]);
}
