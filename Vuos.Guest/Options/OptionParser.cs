namespace Vuos.Guest.Options;

/// <summary>
/// Command-line options as getopt_long(3) reads them: clustered letters (<c>-rt vufs</c>, <c>-tvufs</c>), long names that may be
/// shortened while unambiguous, <c>--name=value</c>, operands anywhere, and <c>--</c> ending the options.
/// </summary>
/// <param name="specs">The options of the command.</param>
/// <param name="arguments">Arguments without the command's own name.</param>
internal sealed class OptionParser(OptionSpec[] specs, string[] arguments)
{
    private readonly string[] _operands = new string[arguments.Length];
    private int _operandCount;
    private int _next;
    private string _cluster = "";
    private int _clusterAt;

    /// <summary>The letter of the option <see cref="Next"/> found.</summary>
    public char Code { get; private set; }

    /// <summary>The argument of that option, or "".</summary>
    public string Value { get; private set; } = "";

    /// <summary>What was wrong, in getopt's words without the command's name; null while nothing was.</summary>
    public string? Error { get; private set; }

    /// <summary>The operands, in order; complete once <see cref="Next"/> returned false.</summary>
    public ReadOnlySpan<string> Operands => new(_operands, 0, _operandCount);

    /// <summary>Finds the next option. Returns false at the end or at the first error.</summary>
    public bool Next()
    {
        if (Error is not null)
        {
            return false;
        }

        if (_clusterAt < _cluster.Length)
        {
            return NextLetter();
        }

        while (_next < arguments.Length)
        {
            var argument = arguments[_next++];
            if (argument == "--")
            {
                while (_next < arguments.Length)
                {
                    _operands[_operandCount++] = arguments[_next++];
                }
            }
            else if (argument.Length > 2 && argument[0] == '-' && argument[1] == '-')
            {
                return LongOption(argument);
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                _cluster = argument;
                _clusterAt = 1;
                return NextLetter();
            }
            else
            {
                _operands[_operandCount++] = argument;
            }
        }

        return false;
    }

    private bool NextLetter()
    {
        var letter = _cluster[_clusterAt++];
        foreach (ref readonly var spec in specs.AsSpan())
        {
            if (spec.Code != letter || spec.LongOnly)
            {
                continue;
            }

            if (!spec.TakesArgument)
            {
                return Found(letter, "");
            }

            var rest = _cluster[_clusterAt..];
            _clusterAt = _cluster.Length;
            return rest.Length > 0 ? Found(letter, rest)
                : _next < arguments.Length ? Found(letter, arguments[_next++])
                : Fail("option requires an argument -- '" + letter + "'");
        }

        return Fail("invalid option -- '" + letter + "'");
    }

    private bool LongOption(string argument)
    {
        var equals = argument.IndexOf('=');
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        if (!FindLong(name, out var spec))
        {
            return false;
        }

        if (!spec.TakesArgument)
        {
            return equals < 0 ? Found(spec.Code, "") : Fail("option '--" + spec.Name + "' doesn't allow an argument");
        }

        return equals >= 0 ? Found(spec.Code, argument[(equals + 1)..])
            : _next < arguments.Length ? Found(spec.Code, arguments[_next++])
            : Fail("option '--" + spec.Name + "' requires an argument");
    }

    private bool FindLong(string name, out OptionSpec found)
    {
        found = default;
        var matches = false;
        var ambiguous = false;
        foreach (ref readonly var spec in specs.AsSpan())
        {
            if (!spec.Name.StartsWith(name, StringComparison.Ordinal))
            {
                continue;
            }

            if (spec.Name.Length == name.Length)
            {
                found = spec;
                return true;
            }

            // Two names of one option are no ambiguity.
            ambiguous |= matches && spec.Code != found.Code;
            matches = true;
            found = spec;
        }

        return !matches ? Fail("unrecognized option '--" + name + "'") : !ambiguous || Fail("option '--" + name + "' is ambiguous");
    }

    private bool Found(char code, string value)
    {
        Code = code;
        Value = value;
        return true;
    }

    private bool Fail(string error)
    {
        Error = error;
        return false;
    }
}
