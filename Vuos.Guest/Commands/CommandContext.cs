using Vuos.Guest.Hypervisor;
using Vuos.Guest.Options;
using Vuos.Guest.Syscalls;
using Vuos.Guest.Text;
using Vuos.Native;

namespace Vuos.Guest.Commands;

/// <summary>What a command works with: the kernel, the hypervisor behind it, and the standard streams.</summary>
internal sealed class CommandContext(ISyscalls kernel)
{
    /// <summary>Exit status of a command that only works inside a view but runs outside.</summary>
    public const int OutsideStatus = 2;

    private const string OutsideText = "This is a VUOS command. It works only inside a vuos virtual namespace\n";

    private readonly StandardStreams _streams = new(kernel);

    public ISyscalls Kernel { get; } = kernel;

    public HypervisorClient Hypervisor { get; } = new(kernel);

    public void Out(string text) => _streams.Out(text);

    public void Error(string text) => _streams.Error(text);

    /// <summary>Prints <c>WHO: what strerror says</c>.</summary>
    public void Error(string who, Errno error) => Error(who + ": " + ErrnoText.Of(error) + "\n");

    /// <summary>False, after saying so, if no hypervisor answers.</summary>
    public bool RequireHypervisor()
    {
        if (Hypervisor.IsPresent)
        {
            return true;
        }

        Error(OutsideText);
        return false;
    }

    /// <summary>Prints the parser's complaint, if it has one, and the usage. Returns <paramref name="status"/>.</summary>
    public int Usage(string command, OptionParser? options, string usage, int status)
    {
        if (options?.Error is { } complaint)
        {
            Error(command + ": " + complaint + "\n");
        }

        Error(usage);
        return status;
    }

    /// <summary>The exit status of a command that did all it had to, if its output could be written.</summary>
    public int Done(string command)
    {
        if (_streams.OutputFailure == Errno.None)
        {
            return 0;
        }

        Error(command + ": write error", _streams.OutputFailure);
        return 1;
    }
}
