using System.Reflection;
using Akka.Configuration;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>
/// The table of FUSE servers: the built-in sections (HOCON/vufuse.conf), over them those of files NAME.conf of the module path, over these the settings of the run
/// (<c>--config</c>). A section that is wrong is no hindrance for the others.
/// </summary>
internal sealed class ServerTypes
{
    private const string Servers = "vuos.vufuse.servers";

    private readonly Dictionary<string, ServerType> types = [];
    private readonly Dictionary<string, string> problems = [];

    private ServerTypes(Config config)
    {
        var defaults = config.GetConfig("vuos.vufuse.defaults");
        foreach (var (name, value) in config.GetConfig(Servers).AsEnumerable())
        {
            if (!value.IsObject())
                problems[name] = $"{Servers}.{name}: this must be a section";
            else if (ServerType.Parse(name, config.GetConfig($"{Servers}.{name}"), defaults, out var problem) is { } type)
                types[name] = type;
            else
                problems[name] = problem;
        }
    }

    public IEnumerable<ServerType> All => types.Values.OrderBy(static t => t.Name, StringComparer.Ordinal);

    /// <summary>Sentences on files that could not be read and sections that are wrong.</summary>
    public IReadOnlyCollection<string> Problems => problems.Values;

    /// <summary>Reads the table.</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="path">Directories, in order (<see cref="ModulePath"/>); an earlier one wins.</param>
    public static ServerTypes Load(Config settings, IReadOnlyList<string> path)
    {
        var wrong = new Dictionary<string, string>();
        var merged = settings;
        foreach (var file in path.SelectMany(static directory => ModulePath.Files(directory, ".conf")))
        {
            try
            {
                merged = merged.WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(file), static _ => throw new FormatException("include is not supported")));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ConfigurationException or InvalidOperationException or ArgumentException)
            {
                wrong[file] = $"{file} is not used: {e.Message.Split('\r', '\n')[0]}";
            }
        }

        var table = new ServerTypes(merged.WithFallback(BuiltIn()));
        foreach (var (file, sentence) in wrong)
            table.problems[file] = sentence;
        return table;
    }

    /// <summary>The type; null, and a sentence if its section is wrong, or "" if there is none.</summary>
    public ServerType? Find(string name, out string problem)
    {
        problem = problems.GetValueOrDefault(name, "");
        return types.GetValueOrDefault(name);
    }

    private static Config BuiltIn()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("vufuse.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
