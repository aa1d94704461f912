namespace Vuos.Benchmarks;

/// <summary>What <c>./bench.sh</c> was told.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: ./bench.sh [--rounds N] [--only NAME,...] [--systems NAME,...] [--full] [--transport X]
                          [--json FILE] [--from FILE] [--markdown] [--list] [--in-process]
          --rounds N      rounds of the interleaved run (default 5)
          --only NAMES    only workloads whose name starts with one of these
          --systems NAMES only these systems (native is always run)
          --full          70,000 files instead of 7,000; 10,000 layers as well
          --transport X   given to vuos-actors run
          --json FILE     write every sample
          --from FILE     do not run: print the tables of a file written by --json
          --markdown      print the numbers section of docs/performance.md
          --list          print the names of workloads and systems
          --in-process    only the in-process microbenchmarks
        VUOS_ACTORS names the program to measure (default: vuos-actors beside bench.sh).
        """;

    public int Rounds { get; private set; } = 5;
    public IReadOnlyList<string> Only { get; private set; } = [];
    public IReadOnlyList<string> Systems { get; private set; } = [];
    public bool Full { get; private set; }
    public string? Transport { get; private set; }
    public string? Json { get; private set; }
    public string? From { get; private set; }
    public bool Markdown { get; private set; }
    public bool List { get; private set; }
    public bool InProcess { get; private set; }
    public bool Help { get; private set; }

    /// <summary>Reads the arguments; a wrong one throws <see cref="BenchException"/> naming it.</summary>
    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
            switch (args[i])
            {
                case "--rounds": options.Rounds = Positive(Value(args, ref i)); break;
                case "--only": options.Only = Names(Value(args, ref i)); break;
                case "--systems": options.Systems = Names(Value(args, ref i)); break;
                case "--full": options.Full = true; break;
                case "--transport": options.Transport = Value(args, ref i); break;
                case "--json": options.Json = Value(args, ref i); break;
                case "--from": options.From = Value(args, ref i); break;
                case "--markdown": options.Markdown = true; break;
                case "--list": options.List = true; break;
                case "--in-process": options.InProcess = true; break;
                case "-h" or "--help": options.Help = true; break;
                default: throw new BenchException($"unknown argument {args[i]}\n{Usage}");
            }
        return options;
    }

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new BenchException($"{args[i - 1]} needs a value");

    private static int Positive(string text) =>
        int.TryParse(text, out var n) && n > 0 ? n : throw new BenchException($"--rounds {text}: not a positive number");

    private static string[] Names(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>A problem whose message is all the user needs; it ends the run with status 2.</summary>
internal sealed class BenchException(string message) : Exception(message);
