using Akka.Configuration;

namespace Vuos.Cli;

/// <summary>Reads HOCON files with messages fit for one sentence.</summary>
internal static class Hocon
{
    /// <summary>Parses a file; <paramref name="problem"/> says why it cannot be used.</summary>
    public static bool TryRead(string path, out Config config, out string problem)
    {
        config = Config.Empty;
        problem = "";
        try
        {
            var text = File.ReadAllText(path);
            problem = Imbalance(text);
            if (problem.Length > 0)
                return false;
            config = ConfigurationFactory.ParseString(text, static _ => throw new FormatException("include is not supported"));
            return true;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            problem = "the file is a directory";
        }
        catch (UnauthorizedAccessException)
        {
            problem = "the file cannot be read: permission denied";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "the file does not exist";
        }
        catch (IOException e)
        {
            problem = $"the file cannot be read: {e.Message}";
        }
        catch (Exception e) when (e is FormatException or ConfigurationException or InvalidOperationException or ArgumentException)
        {
            // The parser throws several kinds, some with hints on further lines.
            problem = $"the file is not HOCON: {e.Message.Split('\r', '\n')[0]}";
        }
        return false;
    }

    /// <summary>
    /// The first bracket or quotation mark without its partner, or "". Akka's parser takes a text that ends too early for a complete one,
    /// and a view of half its mounts must not start.
    /// </summary>
    internal static string Imbalance(ReadOnlySpan<char> text)
    {
        var open = new Stack<(char Closing, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text[i..];
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when rest.StartsWith("//"):
                    var end = rest.IndexOf('\n');
                    i = end < 0 ? text.Length : i + end - 1;
                    break;
                case '"':
                    var length = Quoted(rest);
                    if (length < 0)
                        return NotHocon(line, "a quotation mark is not closed");
                    line += rest[..length].Count('\n');
                    i += length - 1;
                    break;
                case '{':
                    open.Push(('}', line));
                    break;
                case '[':
                    open.Push((']', line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var top) || top.Closing != text[i])
                        return NotHocon(line, $"'{text[i]}' closes nothing");
                    break;
            }
        }
        return open.TryPop(out var last) ? NotHocon(last.Line, $"'{(last.Closing == '}' ? '{' : '[')}' is not closed") : "";
    }

    private static string NotHocon(int line, string why) => $"the file is not HOCON: line {line}: {why}";

    /// <summary>Length of the quoted text that begins here, marks included; -1 if it does not end.</summary>
    private static int Quoted(ReadOnlySpan<char> text)
    {
        const string Triple = "\"\"\"";
        if (text.StartsWith(Triple))
        {
            var end = text[3..].IndexOf(Triple);
            return end < 0 ? -1 : end + 6;
        }
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '\n')
                return -1;
            else if (text[i] == '"')
                return i + 1;
        }
        return -1;
    }
}
