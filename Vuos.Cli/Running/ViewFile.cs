using Akka.Configuration;
using Akka.Configuration.Hocon;
using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>
/// A view in a HOCON file: <c>modules</c>, <c>mounts</c>, <c>name</c>, <c>seal</c>, <c>kill-on-exit</c> (docs/configuration.md).
/// Relative names in it start from the file's own directory, so that a view can be moved with the files it shows.
/// </summary>
internal static class ViewFile
{
    private const string Keys = "modules, mounts, name, seal, kill-on-exit";
    private const string MountKeys = "type, source, target, options";

    /// <summary><c>--view FILE</c>.</summary>
    public static string? Apply(RunDraft draft, string value, string origin)
    {
        var path = draft.Surroundings.Absolute(value);
        if (!Hocon.TryRead(path, out var config, out var problem))
            return problem;
        var directory = Path.GetDirectoryName(path) ?? "/";
        return Apply(draft, config.Root, directory, origin);
    }

    private static string? Apply(RunDraft draft, HoconValue? root, string directory, string origin)
    {
        if (root is null || root.IsEmpty)
            return null;
        if (!root.IsObject())
            return $"the file must hold settings ({Keys})";
        foreach (var (key, value) in root.GetObject().Items)
        {
            var problem = key switch
            {
                "modules" => Modules(draft, value, origin),
                "mounts" => Mounts(draft, value, directory, origin),
                "name" => Name(draft, value),
                "seal" => Switch(value, on => draft.Seal |= on),
                "kill-on-exit" => Switch(value, on => draft.KillOnExit |= on),
                _ => $"it is not a setting of a view ({Keys})",
            };
            if (problem is not null)
                return $"{key}: {problem}";
        }
        return null;
    }

    private static string? Modules(RunDraft draft, HoconValue value, string origin)
    {
        if (!value.IsArray())
            return "a list is expected, e.g. [vufs]";
        foreach (var item in value.GetArray())
        {
            if (!item.IsString())
                return "a list of names is expected, e.g. [vufs]";
            draft.AddModule(item.GetString(), $"{origin}: modules");
        }
        return null;
    }

    private static string? Mounts(RunDraft draft, HoconValue value, string directory, string origin)
    {
        if (!value.IsArray())
            return "a list is expected, e.g. [{ type = vufs, source = /a, target = /b }]";
        var items = value.GetArray();
        for (var i = 0; i < items.Count; i++)
            if (Mount(draft, items[i], directory, $"{origin}: mounts[{i}]") is { } problem)
                return $"[{i}]: {problem}";
        return null;
    }

    private static string? Mount(RunDraft draft, HoconValue value, string directory, string origin)
    {
        if (!value.IsObject())
            return "an object is expected, e.g. { type = vufs, source = /a, target = /b }";
        string type = "", source = "", target = "", options = "";
        foreach (var (key, field) in value.GetObject().Items)
        {
            if (key is not ("type" or "source" or "target" or "options"))
                return $"{key}: it is not a setting of a mount ({MountKeys})";
            if (Text(field, listAllowed: key == "options") is not { } text)
                return key == "options" ? "options: a text or a list of texts is expected" : $"{key}: a text is expected";
            _ = key switch { "type" => type = text, "source" => source = text, "target" => target = text, _ => options = text };
        }
        if (target.Length > 0)
            target = Path.Combine(directory, target);
        if (source.Length > 0 && (KnownModules.SourceIsPath(type) || IsPath(source, directory)))
            source = Path.Combine(directory, source);
        return MountSyntax.Add(draft, new(type, source, target, options, origin));
    }

    /// <summary>Whether a source that may be a word (<c>none</c>, <c>host:</c>) means a file: it is there, or it is written as one.</summary>
    private static bool IsPath(string source, string directory) =>
        source.StartsWith("./", StringComparison.Ordinal) || source.StartsWith("../", StringComparison.Ordinal) || Path.Exists(Path.Combine(directory, source));

    private static string? Name(RunDraft draft, HoconValue value)
    {
        if (Text(value, listAllowed: false) is not { } name)
            return "a text is expected";
        draft.NameFromView = name;
        return RunOptionTable.NameProblem(name);
    }

    private static string? Switch(HoconValue value, Action<bool> apply)
    {
        var text = Text(value, listAllowed: false);
        if (text is not ("true" or "on" or "yes" or "false" or "off" or "no"))
            return "true or false is expected";
        apply(text is "true" or "on" or "yes");
        return null;
    }

    private static string? Text(HoconValue value, bool listAllowed)
    {
        if (value.IsString())
            return value.GetString();
        if (!listAllowed || !value.IsArray())
            return null;
        var items = value.GetArray();
        foreach (var item in items)
            if (!item.IsString())
                return null;
        return string.Join(',', items.Select(static i => i.GetString()));
    }
}
