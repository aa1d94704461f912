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
            config = ConfigurationFactory.ParseString(File.ReadAllText(path));
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
            // The parser throws several kinds, with the place in the text on a second line.
            problem = $"the file is not HOCON: {e.Message}";
        }
        return false;
    }
}
