using System.Diagnostics;
using Vuos.Benchmarks.OnWrite;
using Vuos.Benchmarks.Served;

namespace Vuos.Benchmarks;

/// <summary>
/// The files all systems work on, in a directory of their own under /tmp. <c>r</c> holds the real files, <c>v</c> is the empty
/// directory through which the bind shows them, <c>s</c> is what the unrelated layers show at <c>m/0</c>, <c>m/1</c>, … Names are
/// short because 10,000 of them go on one command line.
/// </summary>
internal sealed class Fixture : IDisposable
{
    private static readonly DateTime LongAgo = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _base = Directory.CreateTempSubdirectory("vb").FullName;
    private int _mountPoints;

    public Fixture()
    {
        Layers = new LayerFiles(_base, Real);
        Images = new ImageFiles(_base, Layers);
        Directory.CreateDirectory(Real);
        Directory.CreateDirectory(View);
        Directory.CreateDirectory(UnrelatedSource);
        File.WriteAllText(Path.Combine(UnrelatedSource, "seen"), "through the unrelated layer\n");
        File.WriteAllText(Path.Combine(Real, "file"), "one small file\n");
        Compile("micro.c", "micro", "-pthread");
        Compile("tiny.c", "tiny", "-static");
        Compile("upon.c", "upon", "-Wall");
    }

    public string Real => Path.Combine(_base, "r");
    public string View => Path.Combine(_base, "v");
    public LayerFiles Layers { get; }
    public ImageFiles Images { get; }
    public string UnrelatedSource => Path.Combine(_base, "s");

    /// <summary>Mount points of the unrelated layers; they exist, so that every system can use them.</summary>
    public string MountPoint(int index)
    {
        for (; _mountPoints <= index; _mountPoints++)
            Directory.CreateDirectory(Path.Combine(_base, "m", _mountPoints.ToString()));
        return Path.Combine(_base, "m", index.ToString());
    }

    /// <summary>A tree of <paramref name="entries"/> entries: directories of 99 small files.</summary>
    public void MakeTree(int entries)
    {
        if (Directory.Exists(Path.Combine(Real, "tree")))
            return;
        var content = new byte[4096];
        for (var d = 0; d < entries / 100; d++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(Real, "tree", $"d{d / 10}", $"e{d % 10}")).FullName;
            for (var f = 0; f < 99; f++)
                File.WriteAllBytes(Path.Combine(directory, $"file{f}.txt"), content[..((f * 37 % 40 * 100) + 1)]);
        }
    }

    /// <summary>A page of text and boxes for a browser.</summary>
    public void MakePage() => File.WriteAllText(
        Path.Combine(Real, "page.html"),
        "<!doctype html><title>page</title><style>p{border:1px solid;margin:4px}</style>" + string.Concat(Enumerable.Range(0, 200).Select(static i => $"<p>Line {i} of a page</p>")));

    /// <summary>
    /// A git repository with 1,000 committed files. They are dated long ago: git reads again every file that is as new as
    /// its index, and that would be measured instead of the calls.
    /// </summary>
    public void MakeRepository()
    {
        var repository = Path.Combine(Real, "repo");
        for (var i = 0; i < 1000; i++)
        {
            var file = Path.Combine(repository, $"area{i / 50}", $"source{i % 50}.c");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, $"int f{i}(int x) {{ return x + {i}; }}\n");
            File.SetLastWriteTimeUtc(file, LongAgo);
        }
        Do("git", "-C", repository, "init", "-q");
        Do("git", "-C", repository, "add", "-A");
        Do("git", "-C", repository, "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "files");
    }

    /// <summary>A C project of 24 files and one header, linked to one program; <c>make -B</c> builds all of it every time.</summary>
    public void MakeProject()
    {
        const int files = 24, functions = 20;
        var project = Directory.CreateDirectory(Path.Combine(Real, "project")).FullName;
        var header = new StringWriter();
        header.WriteLine("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>");
        var main = new StringWriter();
        main.WriteLine("#include \"all.h\"\nint main(void)\n{\n    int x = 0;");
        for (var i = 0; i < files; i++)
        {
            var unit = new StringWriter();
            unit.WriteLine("#include \"all.h\"");
            for (var f = 0; f < functions; f++)
            {
                header.WriteLine($"int f{i}_{f}(int x);");
                unit.WriteLine($$"""
                    int f{{i}}_{{f}}(int x)
                    {
                        char text[64];
                        for (int k = 0; k < x % {{f + 7}}; k++)
                            x += snprintf(text, sizeof text, "%d", x * {{f + 3}} + k) + (int)strlen(text);
                        return x;
                    }
                    """);
            }
            main.WriteLine($"    x += f{i}_0(x);");
            File.WriteAllText(Path.Combine(project, $"unit{i}.c"), unit.ToString());
        }
        main.WriteLine("    return x == 42;\n}");
        File.WriteAllText(Path.Combine(project, "all.h"), header.ToString());
        File.WriteAllText(Path.Combine(project, "main.c"), main.ToString());
        var objects = string.Join(' ', Enumerable.Range(0, files).Select(static i => $"unit{i}.o"));
        File.WriteAllText(Path.Combine(project, "Makefile"),
            $"CFLAGS = -O1\nprogram: main.o {objects}\n\tgcc -o $@ $^\n%.o: %.c all.h\n\tgcc $(CFLAGS) -c -o $@ $<\n");
    }

    /// <summary>Removes the files, unless something is mounted among them: then they are left and named.</summary>
    public void Dispose()
    {
        if (File.ReadAllText("/proc/self/mountinfo").Contains(_base, StringComparison.Ordinal))
            Console.Error.WriteLine($"bench: something is mounted under {_base}; left there");
        else
            Directory.Delete(_base, recursive: true);
    }

    private void Compile(string source, string program, string option) =>
        Do("gcc", "-O2", option, "-o", Path.Combine(Real, program), Path.Combine(AppContext.BaseDirectory, "programs", source));

    public static void Do(params string[] command)
    {
        if (!Programs.OnPath(command[0]))
            throw new BenchException($"{command[0]} is not on PATH; the benchmarks need it");
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new BenchException($"{string.Join(' ', command)}: status {process.ExitCode}");
    }
}
