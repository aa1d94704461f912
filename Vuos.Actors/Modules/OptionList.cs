using System.Text;

namespace Vuos.Actors.Modules;

/// <summary>
/// Mount options: comma-separated, <c>name</c> or <c>name=value</c>. Commas inside single or double quotes or after a backslash do not separate; quotes and
/// backslashes are removed.
/// </summary>
internal static class OptionList
{
    private static readonly string[] Idle =
    [
        "defaults", "rw", "user", "group", "suid", "nosuid", "dev", "nodev", "exec", "async", "sync", "mand", "nomand", "atime", "noatime",
        "diratime", "nodiratime", "rbind", "silent", "loud", "relatime", "norelatime", "rec",
    ];

    /// <summary>Words every mount may carry and that change nothing here.</summary>
    public static bool IsIdle(string name) => Array.IndexOf(Idle, name) >= 0;

    public static List<(string Name, string? Value)> Parse(string text)
    {
        var options = new List<(string, string?)>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && quote != '\'')
                word.Append(text[++i]);
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (quote == '\0' && c == ',')
                Flush();
            else
                word.Append(c);
        }

        Flush();
        return options;

        void Flush()
        {
            if (word.Length > 0)
            {
                var option = word.ToString();
                var equals = option.IndexOf('=');
                options.Add(equals < 0 ? (option, null) : (option[..equals], option[(equals + 1)..]));
            }

            word.Clear();
        }
    }
}
