using System.Globalization;

namespace Vuos.Specs.Parsing;

/// <summary>Reads a transcript. The format is described in <c>docs/specs.md</c>.</summary>
public sealed class SpecParser
{
    private readonly string _name;
    private readonly string[] _lines;
    private readonly List<string> _summary = [];
    private readonly List<SpecStep> _steps = [];
    private Spec _spec;
    private int _next;

    private SpecParser(string name, string text)
    {
        _name = name;
        _lines = text.ReplaceLineEndings("\n").Split('\n');
        _spec = new Spec { Name = name, Summary = "", Steps = _steps };
    }

    /// <summary>Parses the text of one spec.</summary>
    /// <exception cref="SpecSyntaxException">The text is not a spec.</exception>
    public static Spec Parse(string name, string text) => new SpecParser(name, text).Parse();

    private Spec Parse()
    {
        ParseHeader();
        while (_next < _lines.Length)
            ParseBody();
        if (_summary.Count == 0)
            throw Problem(1, "the header must say in one sentence what is shown");
        if (_steps.Count == 0)
            throw Problem(_lines.Length, "no command");
        return _spec with { Summary = string.Join(' ', _summary) };
    }

    private void ParseHeader()
    {
        for (; _next < _lines.Length && _lines[_next].StartsWith('#'); _next++)
        {
            string text = _lines[_next][1..].Trim();
            int colon = text.IndexOf(':');
            if (colon > 0 && text[..colon].All(char.IsAsciiLetterLower))
                ParseDirective(text[..colon], text[(colon + 1)..].Trim());
            else if (text.Length > 0)
                _summary.Add(text);
        }
    }

    private void ParseDirective(string key, string value)
    {
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _spec = key switch
        {
            "user" => _spec with { Users = OneOrBoth<SpecUser>(value) },
            "transport" => _spec with { Transports = OneOrBoth<SpecTransport>(value) },
            "run" => _spec with { RunOptions = words },
            "needs" => _spec with { Needs = words },
            "timeout" when int.TryParse(value, CultureInfo.InvariantCulture, out int seconds) && seconds > 0 =>
                _spec with { Timeout = TimeSpan.FromSeconds(seconds) },
            "timeout" => throw Problem(_next + 1, "timeout: wants a number of seconds"),
            _ => throw Problem(_next + 1, $"unknown directive '{key}:'"),
        };
    }

    private T[] OneOrBoth<T>(string value)
        where T : struct, Enum
    {
        if (value == "both")
            return Enum.GetValues<T>();
        foreach (T one in Enum.GetValues<T>())
        {
            if (one.ToString().Equals(value, StringComparison.OrdinalIgnoreCase))
                return [one];
        }

        throw Problem(_next + 1, $"'{value}' is none of: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, both");
    }

    private void ParseBody()
    {
        string line = _lines[_next];
        if (line.Length == 0 || line.StartsWith('#'))
            _next++;
        else if (line.StartsWith("$$ ", StringComparison.Ordinal))
            ParseStep(PromptKind.Guest, line[3..]);
        else if (line.StartsWith("$ ", StringComparison.Ordinal))
            ParseStep(PromptKind.Host, line[2..]);
        else
            throw Problem(_next + 1, "expected a prompt ('$$ ' or '$ ') or a comment");
    }

    private void ParseStep(PromptKind prompt, string first)
    {
        int number = _next + 1;
        List<string> command = [first];
        for (_next++; _next < _lines.Length && _lines[_next].StartsWith("> ", StringComparison.Ordinal); _next++)
            command.Add(_lines[_next][2..]);

        List<ExpectedLine> output = [];
        List<TypedInput> inputs = [];
        for (; _next < _lines.Length && !StartsSomethingElse(_lines[_next]); _next++)
        {
            if (ParseInput(_lines[_next], output) is { } input)
                inputs.Add(input);
            else
                output.Add(new ExpectedLine(_next + 1, _lines[_next].TrimEnd()));
        }

        // Blank lines between one command and the next only separate them.
        int used = inputs.Count > 0 ? inputs[^1].After : 0;
        while (output.Count > used && output[^1].Text.Length == 0)
            output.RemoveAt(output.Count - 1);
        _steps.Add(new SpecStep(number, prompt, command, output, inputs));
    }

    private static bool StartsSomethingElse(string line) =>
        line.StartsWith('#') || line.StartsWith("$ ", StringComparison.Ordinal) || line.StartsWith("$$ ", StringComparison.Ordinal);

    private TypedInput? ParseInput(string line, List<ExpectedLine> output)
    {
        if (line.StartsWith("<type> ", StringComparison.Ordinal))
            return new TypedInput(_next + 1, output.Count, System.Text.Encoding.UTF8.GetBytes(line[7..] + "\n"), false);
        if (!line.StartsWith("<keys> ", StringComparison.Ordinal))
            return null;
        string key = line[7..].Trim();
        if (key.Length != 3 || !key.StartsWith("C-", StringComparison.Ordinal) || char.ToUpperInvariant(key[2]) is < '@' or > '_')
            throw Problem(_next + 1, $"'{key}' is no control character such as C-c or C-z");
        byte code = (byte)(char.ToUpperInvariant(key[2]) & 0x1f);
        return new TypedInput(_next + 1, output.Count, [code], code is 3 or 26 or 28);
    }

    private SpecSyntaxException Problem(int line, string problem) => new(_name, line, problem);
}
