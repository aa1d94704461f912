using Vuos.Guest.Commands;
using Vuos.Guest.Syscalls;

namespace Vuos.Guest;

/// <summary>The commands for processes inside a view, in one program; see <see cref="CommandTable"/>.</summary>
internal static class Program
{
    private static int Main()
    {
        var kernel = new LibcSyscalls();
        Startup.RestoreSigpipe(kernel);
        var line = Startup.CommandLine(kernel);
        var status = CommandTable.Run(new CommandContext(kernel), line[0], line[1..]);

        // Nothing is buffered and nothing is to be finalized: leave without taking the runtime down first.
        kernel.Call(SyscallNumbers.ExitGroup, status);
        return status;
    }
}
