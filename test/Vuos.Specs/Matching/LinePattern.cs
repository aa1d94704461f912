using System.Text;
using System.Text.RegularExpressions;

namespace Vuos.Specs.Matching;

/// <summary>
/// One expected line: literal text, <c>...</c> for any text, <c>[[regex]]</c> for a pattern; a line that is only <c>...</c>
/// stands for any lines.
/// </summary>
public sealed class LinePattern
{
    private const string Any = "...";
    private static readonly TimeSpan _matchLimit = TimeSpan.FromSeconds(5);
    private readonly Regex? _regex;
    private readonly string _text;

    /// <param name="text">The line as the spec has it.</param>
    /// <param name="variables">Names such as <c>$W</c> and what they stand for, taken literally.</param>
    public LinePattern(string text, IReadOnlyDictionary<string, string> variables)
    {
        _text = text.TrimEnd();
        IsAnyLines = _text == Any;
        string pattern = Build(_text, variables, out bool literal);
        if (literal)
            _text = pattern;
        else
            _regex = new Regex(@"\A" + pattern + @"\s*\z", RegexOptions.CultureInvariant, _matchLimit);
    }

    /// <summary>Stands for any number of lines, also none.</summary>
    public bool IsAnyLines { get; }

    /// <summary>Whether an actual line, without its newline, is what was expected.</summary>
    public bool Matches(string line) => IsAnyLines || (_regex?.IsMatch(line) ?? line.AsSpan().TrimEnd().SequenceEqual(_text));

    private static string Build(string text, IReadOnlyDictionary<string, string> variables, out bool literal)
    {
        StringBuilder pattern = new();
        StringBuilder plain = new();
        literal = true;
        for (int at = 0; at < text.Length;)
        {
            int close = text.IndexOf("]]", at, StringComparison.Ordinal);
            if (text.AsSpan(at).StartsWith("[[") && close > 0)
            {
                // "[[a]]]": the pattern may itself end in a bracket.
                while (close + 2 < text.Length && text[close + 2] == ']')
                    close++;
                pattern.Append("(?:").Append(text, at + 2, close - at - 2).Append(')');
                at = close + 2;
                literal = false;
            }
            else if (text.AsSpan(at).StartsWith(Any))
            {
                pattern.Append(".*?");
                at += Any.Length;
                literal = false;
            }
            else if (Variable(text, at, variables) is { } name)
            {
                pattern.Append(Regex.Escape(variables[name]));
                plain.Append(variables[name]);
                at += name.Length;
            }
            else
            {
                pattern.Append(Regex.Escape(text[at].ToString()));
                plain.Append(text[at++]);
            }
        }

        return literal ? plain.ToString() : pattern.ToString();
    }

    private static string? Variable(string text, int at, IReadOnlyDictionary<string, string> variables)
    {
        if (text[at] != '$')
            return null;
        foreach (string name in variables.Keys)
        {
            int end = at + name.Length;
            if (text.AsSpan(at).StartsWith(name) && (end == text.Length || !char.IsAsciiLetterOrDigit(text[end])))
                return name;
        }

        return null;
    }
}
