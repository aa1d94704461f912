using System.Globalization;
using Akka.Configuration;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>What may be the source of a server type.</summary>
internal enum ServerSource
{
    File, Directory, Word,
}

/// <summary>A mount type that is a FUSE server: one section of <c>vuos.vufuse.servers</c> (HOCON/vufuse.conf says what each setting means).</summary>
internal sealed record ServerType
{
    private static readonly string[] Settings =
    [
        "description", "program", "package", "arguments", "options", "rename", "writing", "warning", "source", "magic", "not-magic", "foreground", "attr-timeout", "suffixes", "variants",
    ];

    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>Names or absolute paths; the first that is there is taken.</summary>
    public required IReadOnlyList<string> Programs { get; init; }

    public required string Package { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<string> Options { get; init; }

    public required IReadOnlyDictionary<string, string> Rename { get; init; }

    /// <summary>It can be written at all.</summary>
    public required bool Writable { get; init; }

    /// <summary>The option without which it is mounted read-only; null: none is needed.</summary>
    public required string? WritingOption { get; init; }

    public required string Warning { get; init; }

    public required ServerSource Source { get; init; }

    public required IReadOnlyList<(long Offset, byte[] Bytes)> Magic { get; init; }

    public required string NotMagic { get; init; }

    public required bool Foreground { get; init; }

    /// <summary>How long attributes are believed, whatever the server says (<see cref="VirtualLayer.AttributeTimeout"/>).</summary>
    public required TimeSpan AttributeTimeout { get; init; }

    public required IReadOnlyList<string> Suffixes { get; init; }

    public required IReadOnlyList<ServerType> Variants { get; init; }

    /// <summary>Reads a section; on a mistake null, and a sentence that names the setting.</summary>
    public static ServerType? Parse(string name, Config section, Config defaults, out string problem)
    {
        try
        {
            problem = "";
            return Read(name, section, defaults, Sections(section, "variants").Select(static pair => pair.Key));
        }
        catch (Exception e) when (e is FormatException or ConfigurationException or InvalidOperationException or ArgumentException or InvalidCastException)
        {
            problem = $"vuos.vufuse.servers.{name}: {e.Message.Split('\r', '\n')[0]}";
            return null;
        }
    }

    /// <param name="variants">Names of the variants: those of a variant are none, but a configuration cannot say that one without them falls back to one that has some.</param>
    private static ServerType Read(string name, Config section, Config defaults, IEnumerable<string> variants)
    {
        foreach (var (key, _) in section.AsEnumerable())
        {
            if (Array.IndexOf(Settings, key) < 0)
                throw new FormatException($"there is no setting {key}");
        }

        var all = section.WithFallback(defaults);
        var writing = all.GetString("writing");
        var programs = Words(all, "program");
        if (programs.Count == 0 || programs.Contains(""))
            throw new FormatException("program is missing");
        var arguments = Words(all, "arguments");
        if (!arguments.Any(static a => a.Contains("{target}", StringComparison.Ordinal)))
            throw new FormatException("arguments lack {target}");
        return new ServerType
        {
            Name = name,
            Description = all.GetString("description"),
            Programs = programs,
            Package = all.GetString("package"),
            Arguments = arguments,
            Options = Words(all, "options"),
            Rename = Sections(all, "rename").ToDictionary(static pair => pair.Key, static pair => pair.Value.GetString()),
            Writable = writing != "never",
            WritingOption = writing is "never" or "always" ? null : writing,
            Warning = all.GetString("warning"),
            Source = all.GetString("source") switch
            {
                "file" => ServerSource.File,
                "directory" => ServerSource.Directory,
                "word" => ServerSource.Word,
                var other => throw new FormatException($"source is '{other}'; it may be file, directory or word"),
            },
            Magic = [.. Words(all, "magic").Select(ParseMagic)],
            NotMagic = all.GetString("not-magic"),
            Foreground = all.GetBoolean("foreground"),
            AttributeTimeout = Time(all, "attr-timeout"),
            Suffixes = Words(all, "suffixes"),
            Variants = [.. variants.Select(variant => Variant(name, variant, section, defaults))],
        };
    }

    private static ServerType Variant(string name, string variant, Config section, Config defaults)
    {
        var own = section.GetConfig("variants." + variant);
        if (own is null || own.HasPath("variants") || !own.HasPath("suffixes"))
            throw new FormatException($"variants.{variant} must be a section with suffixes and without variants");
        // Everything it does not say is as in the section around it.
        return Read(name, own.WithFallback(section), defaults, []);
    }

    private static IReadOnlyList<string> Words(Config config, string key)
    {
        var value = config.GetValue(key);
        if (value is null)
            return [];
        if (value.IsObject())
            throw new FormatException($"{key} must be a list of words");
        return value.IsString() ? [value.GetString()] : [.. value.GetStringList()]; // IsArray denies it of an empty list
    }

    private static TimeSpan Time(Config config, string key)
    {
        try
        {
            return config.GetTimeSpan(key, allowInfinite: false);
        }
        catch (FormatException)
        {
            throw new FormatException($"{key} is '{config.GetString(key)}'; it is a time, e.g. 1s");
        }
    }

    private static IEnumerable<KeyValuePair<string, Akka.Configuration.Hocon.HoconValue>> Sections(Config config, string key) =>
        config.GetConfig(key) is { } inner && !inner.IsEmpty ? inner.AsEnumerable() : [];

    private static (long Offset, byte[] Bytes) ParseMagic(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !long.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            throw new FormatException($"magic is '{text}'; it is OFFSET:BYTES, with bytes in hexadecimal");
        return (offset, Convert.FromHexString(text[(colon + 1)..]));
    }
}
