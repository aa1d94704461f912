using System.Text;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>How a FUSE server is started for one mount.</summary>
internal sealed record ServerCommand
{
    /// <summary>X_OK of access(2).</summary>
    private const int MayExecute = 1;

    private static readonly string[] MoreDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private static readonly (Errno, string) Good = (Errno.None, "");

    /// <summary>The program's path and its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The mount is read-only, also when nobody asked for that.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>The program is the server; else it ends with status 0 once the server runs.</summary>
    public required bool Foreground { get; init; }

    /// <summary>One sentence for the user of a mount that succeeds; or "".</summary>
    public required string Warning { get; init; }

    /// <summary>The command, or null: an errno and one sentence.</summary>
    /// <param name="type">A row of the table.</param>
    /// <param name="request">The mount; <see cref="MountRequest.SourcePath"/> is looked at, where the source has a path on the host.</param>
    /// <param name="source">The source as the server is to be given it.</param>
    /// <param name="target">The mount point as the server is to be given it.</param>
    /// <param name="error">ENOENT: the source or the program is missing. EINVAL: the source is no such file system.</param>
    /// <param name="sentence">What to tell the user.</param>
    /// <param name="findProgram">Path of a program by name; null: on the host.</param>
    public static ServerCommand? Build(ServerType type, MountRequest request, string source, string target, out Errno error, out string sentence, Func<string, string?>? findProgram = null)
    {
        type = Variant(type, request.Source);
        (error, sentence) = Check(type, request.SourcePath);
        if (error != Errno.None)
        {
            sentence = $"{request.Type}: {sentence}";
            return null;
        }

        if (type.Programs.Select(findProgram ?? FindOnHost).FirstOrDefault(static p => p is not null) is not { } program)
        {
            error = Errno.ENOENT;
            sentence = $"{request.Type}: {type.Programs[^1]} is not installed" + (type.Package.Length > 0 ? $": install the package {type.Package}" : "");
            return null;
        }

        var asked = type.WritingOption is null || request.Options.ContainsKey(type.WritingOption);
        var readOnly = request.ReadOnly || !type.Writable || !asked;
        var warning = !readOnly ? type.Warning : !request.ReadOnly && type.Writable ? $"mounted read-only: to write, mount with -o {type.WritingOption}" : "";
        var options = Options(type, request, readOnly);
        return new ServerCommand
        {
            Arguments = [program, .. Words(type.Arguments, readOnly).Where(a => options.Length > 0 || !a.Contains("{options}", StringComparison.Ordinal)).Select(Fill)],
            ReadOnly = readOnly,
            Foreground = type.Foreground,
            Warning = warning.Length > 0 ? $"{request.Type}: {warning}" : "",
        };

        // In one pass: what is put in is not looked at again, whatever a file is called.
        string Fill(string argument) => string.Concat(Pieces(argument).Select(piece => piece switch
        {
            "{source}" => source,
            "{target}" => target,
            "{options}" => options,
            _ => piece,
        }));
    }

    private static ServerType Variant(ServerType type, string source) =>
        type.Variants
            .SelectMany(static v => v.Suffixes.Select(s => (Variant: v, Suffix: s)))
            .Where(pair => source.EndsWith(pair.Suffix, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(static pair => pair.Suffix.Length)
            .Select(static pair => pair.Variant)
            .FirstOrDefault(type);

    /// <summary>What is wrong with a source before a server looks at it: their own words about it are mostly hard to find.</summary>
    private static (Errno, string) Check(ServerType type, string? path)
    {
        if (path is null || type.Source == ServerSource.Word)
            return Good;
        if (Directory.Exists(path))
            return type.Source == ServerSource.Directory ? Good : (Errno.EISDIR, "the source is a directory");
        if (!Path.Exists(path))
            return (Errno.ENOENT, "the source does not exist");
        if (type.Source == ServerSource.Directory)
            return (Errno.ENOTDIR, "the source is no directory");
        if (type.Magic.Count == 0)
            return Good;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return type.Magic.Any(magic =>
            {
                var there = new byte[magic.Bytes.Length];
                return RandomAccess.Read(file, there, magic.Offset) == there.Length && there.AsSpan().SequenceEqual(magic.Bytes);
            })
                ? Good
                : (Errno.EINVAL, type.NotMagic);
        }
        catch (UnauthorizedAccessException)
        {
            return (Errno.EACCES, "the source cannot be read: permission denied");
        }
        catch (Exception e) when (e is IOException or NotSupportedException)
        {
            // What cannot be looked at so (a device, a pipe) is the server's to judge.
            return Good;
        }
    }

    private static string Options(ServerType type, MountRequest request, bool readOnly)
    {
        var own = request.Options
            .Where(option => option.Key != type.WritingOption && option.Key is not ("rw+" or "rw" or "ro" or "-r" or "defaults")) // told by what the type begins with; a second word would win over it
            .Select(option => (Name: type.Rename.GetValueOrDefault(option.Key, option.Key), option.Value))
            .Where(static option => option.Name.Length > 0)
            .Select(static option => option.Value.Length > 0 ? $"{option.Name}={option.Value}" : option.Name)
            .Select(static option => option.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal));
        return string.Join(',', Words(type.Options, readOnly).Concat(own).Distinct());
    }

    /// <summary>The words that stand: {ro:WORD} and {rw:WORD} are resolved.</summary>
    private static IEnumerable<string> Words(IEnumerable<string> words, bool readOnly)
    {
        foreach (var word in words)
        {
            var conditional = word.EndsWith('}') && (word.StartsWith("{ro:", StringComparison.Ordinal) || word.StartsWith("{rw:", StringComparison.Ordinal));
            if (!conditional)
                yield return word;
            else if (word[2] == 'o' == readOnly)
                yield return word[4..^1];
        }
    }

    /// <summary>Cuts a text before each brace that opens and behind each that closes.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        while (text.Length > 0)
        {
            var open = text.IndexOf('{', StringComparison.Ordinal);
            var end = open == 0 ? text.IndexOf('}', StringComparison.Ordinal) + 1 : open;
            if (end <= 0)
                end = text.Length;
            yield return text[..end];
            text = text[end..];
        }
    }

    private static string? FindOnHost(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return IsProgram(program) ? program : null;
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(static d => d.StartsWith('/'));
        // Servers of file systems lie in directories that are not everybody's PATH.
        return path.Concat(MoreDirectories).Select(directory => Path.Combine(directory, program)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) => File.Exists(path) && Files.Access(Encoding.UTF8.GetBytes(path + "\0"), MayExecute, At.EAccess) == 0;
}
