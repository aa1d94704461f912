using System.Text;
using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>The colon-separated arguments of <c>--mount</c> and <c>--bind</c>.</summary>
internal static class MountSyntax
{
    /// <summary>Type of a bind.</summary>
    public const string BindType = "vufs";

    /// <summary><c>--mount TYPE:SOURCE:TARGET[:OPTIONS]</c>.</summary>
    public static string? ApplyMount(RunDraft draft, string value, string origin)
    {
        var fields = Split(value);
        if (fields.Count is < 3 or > 4)
            return $"TYPE:SOURCE:TARGET[:OPTIONS] is expected, not {(fields.Count == 1 ? "one field" : fields.Count + " fields")} (write \\: for a colon inside a name)";
        return Add(draft, new(fields[0], fields[1], fields[2], fields.Count == 4 ? fields[3] : "", origin));
    }

    /// <summary><c>--bind SOURCE[:TARGET]</c>: a vufs mount; SOURCE alone is shown at its own place.</summary>
    public static string? ApplyBind(RunDraft draft, string value, string origin)
    {
        var fields = Split(value);
        if (fields.Count > 2)
            return $"SOURCE[:TARGET] is expected, not {fields.Count} fields (write \\: for a colon inside a name)";
        return Add(draft, new(BindType, fields[0], fields.Count == 2 ? fields[1] : fields[0], "", origin));
    }

    /// <summary>Notes a mount whose three required fields are not empty.</summary>
    public static string? Add(RunDraft draft, MountRequest mount)
    {
        var empty = mount.Type.Length == 0 ? "type" : mount.Source.Length == 0 ? "source" : mount.Target.Length == 0 ? "target" : null;
        if (empty is not null)
            return $"the {empty} is empty";
        draft.Mounts.Add(mount);
        return null;
    }

    /// <summary>Splits at colons. <c>\:</c> is a colon and <c>\\</c> a backslash inside a field; any other backslash is itself.</summary>
    internal static List<string> Split(string text)
    {
        var fields = new List<string>(4);
        var field = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ':' or '\\')
                field.Append(text[++i]);
            else if (text[i] == ':')
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(text[i]);
        }
        fields.Add(field.ToString());
        return fields;
    }
}
