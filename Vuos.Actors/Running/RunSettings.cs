using System.Reflection;
using Akka.Configuration;

namespace Vuos.Actors.Running;

/// <summary>The HOCON settings of a run: the built-in ones with the user's file over them.</summary>
internal sealed record RunSettings
{
    private const int DefaultInGuestAfter = 48;

    public string? Problem { get; private init; }

    public required TransportKind Transport { get; init; }

    public required bool UseRing { get; init; }

    public required bool RequireRing { get; init; }

    /// <summary>0: never.</summary>
    public required int InGuestAfter { get; init; }

    public required string LogLevel { get; init; }

    public required string? LogFile { get; init; }

    public required Func<Config> Config { get; init; }

    public static RunSettings Load(RunOptions options)
    {
        // Parsing HOCON costs more than starting a guest: without a file of the user's the defaults are known here, and the actor system parses behind the guest.
        if (options.ConfigFile is null)
            return Plain(options);
        Config config;
        try
        {
            config = ConfigurationFactory.ParseString(File.ReadAllText(options.ConfigFile)).WithFallback(BuiltIn());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Akka.Configuration.ConfigurationException or FormatException)
        {
            return Plain(options) with { Problem = $"--config {options.ConfigFile}: {e.Message}" };
        }

        var ring = config.GetString("vuos.tracer.io-uring", "auto");
        return new RunSettings
        {
            Transport = options.Transport != TransportKind.Auto || !Enum.TryParse<TransportKind>(config.GetString("vuos.tracer.transport"), true, out var kind)
                ? options.Transport
                : kind,
            UseRing = ring != "off",
            RequireRing = ring == "on",
            InGuestAfter = options.InGuestAfter ?? Math.Max(0, config.GetInt("vuos.tracer.in-guest-after", DefaultInGuestAfter)),
            LogLevel = options.LogLevel != "warning" ? options.LogLevel : config.GetString("vuos.logging.level", "warning"),
            LogFile = options.LogFile ?? (config.GetString("vuos.logging.file", "") is { Length: > 0 } file ? file : null),
            Config = () => config,
        };
    }

    private static RunSettings Plain(RunOptions options) => new()
    {
        Transport = options.Transport,
        UseRing = true,
        RequireRing = false,
        InGuestAfter = options.InGuestAfter ?? DefaultInGuestAfter,
        LogLevel = options.LogLevel,
        LogFile = options.LogFile,
        Config = BuiltIn,
    };

    private static Config BuiltIn()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("vuos.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
