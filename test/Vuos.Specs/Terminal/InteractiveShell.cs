using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Specs.Terminal;

/// <summary>
/// An interactive bash on a terminal. Its prompts begin with a control character (see <see cref="StartupFile"/>), so output
/// that merely looks like a prompt is not taken for one.
/// </summary>
internal sealed class InteractiveShell : IDisposable
{
    /// <summary>Environment variable that holds the prompt.</summary>
    public const string PromptVariable = "VUOS_SPEC_PROMPT";

    private const char Mark = '\u001e';
    private readonly TerminalProcess _process;
    private readonly List<byte> _unread = [];
    private readonly byte[] _prompt;
    private int _groupAtPrompt;

    public InteractiveShell(TerminalProcess process, string prompt)
    {
        _process = process;
        _prompt = Encoding.UTF8.GetBytes(Mark + prompt);
    }

    /// <summary>Output of the command that is running, so far.</summary>
    public string Output { get; private set; } = "";

    public int ProcessId => _process.Id;

    /// <summary>What <c>~/.bashrc</c> must hold for this class to work with a shell; the prompt comes from <see cref="PromptVariable"/>.</summary>
    public static string StartupFile { get; } =
        $"""
        shopt -u promptvars
        unalias -a
        unset -f command_not_found_handle
        unset HISTFILE MAILCHECK PROMPT_COMMAND
        PS1="{Mark}${PromptVariable}" PS2='{Mark}> '

        """;

    /// <summary>Types a command; its lines are sent at once.</summary>
    public void Send(IEnumerable<string> lines) => Type(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    public void Type(byte[] bytes) => _process.Write(bytes);

    /// <summary>Waits for the prompt; then <see cref="Output"/> is all that came before it. False: the deadline passed or the shell is gone.</summary>
    public bool WaitForPrompt(TimeSpan limit) => WaitFor(TakeUpToPrompt, limit);

    /// <summary>Waits until the output so far is what <paramref name="isThere"/> looks for.</summary>
    public bool WaitForOutput(Func<string, bool> isThere, TimeSpan limit)
    {
        return WaitFor(
            () =>
            {
                Output = Clean();
                return isThere(Output);
            },
            limit);
    }

    /// <summary>Whether the group's leader has executed its program: before that it is a copy of the shell, which a signal may pass by.</summary>
    private static bool HasBecomeItsProgram(int leader)
    {
        try
        {
            return File.ReadAllText($"/proc/{leader}/comm").Trim() != "bash";
        }
        catch (IOException)
        {
            // Another namespace's process, or one that just ended: nothing more can be told.
            return true;
        }
    }

    /// <summary>
    /// Waits until a job, not the shell (nor the shell's child that still ignores the terminal's signals), is the terminal's foreground process group: only then does a control character reach it.
    /// The kernel tells nobody when that changes, hence the look every two milliseconds.
    /// </summary>
    public bool WaitForForegroundJob(TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit)
        {
            if (_process.ForegroundGroup is var group && group != 0 && group != _groupAtPrompt && HasBecomeItsProgram(group))
                return true;
            TimeSpan next = clock.Elapsed + TimeSpan.FromMilliseconds(2);
            _process.Read(_unread, clock, next < limit ? next : limit);
        }

        return false;
    }

    /// <summary>Ends the shell. False: the run did not end by itself.</summary>
    public bool Exit(TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        bool asksAgain = false;
        Send(["exit"]);
        if (_process.WaitForEnd(_unread, clock, limit, () => asksAgain = TakeUpToPrompt()))
            return true;
        if (!asksAgain)
            return false;
        Send(["exit"]); // The first one only warned of stopped jobs.
        return _process.WaitForEnd(_unread, clock, limit, () => false);
    }

    public void Dispose() => _process.Dispose();

    private bool WaitFor(Func<bool> isThere, TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!isThere())
        {
            if (!_process.Read(_unread, clock, limit))
            {
                Output = Clean();
                return false;
            }
        }

        return true;
    }

    private bool TakeUpToPrompt()
    {
        Span<byte> unread = CollectionsMarshal.AsSpan(_unread);
        int prompt = unread.IndexOf(_prompt);
        if (prompt < 0)
            return false;
        Output = Clean(unread[..prompt]);
        _unread.RemoveRange(0, prompt + _prompt.Length);
        _groupAtPrompt = _process.ForegroundGroup;
        return true;
    }

    private string Clean() => Clean(CollectionsMarshal.AsSpan(_unread));

    private static string Clean(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes).Replace("\r\n", "\n", StringComparison.Ordinal).Replace(Mark + "> ", "", StringComparison.Ordinal);
}
