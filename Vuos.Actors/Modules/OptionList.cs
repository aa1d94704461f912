using System.Text;

namespace Vuos.Actors.Modules;

/// <summary>
/// Mount options: comma-separated, <c>name</c> or <c>name=value</c>. Commas inside single or double quotes or after a backslash do not separate; quotes and
/// backslashes are removed.
/// </summary>
internal static class OptionList
{
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
