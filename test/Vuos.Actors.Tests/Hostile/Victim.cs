using System.Diagnostics;
using System.Globalization;
using Vuos.Actors.Guests;

namespace Vuos.Actors.Tests.Hostile;

/// <summary>A process whose memory hostile arguments point into. Its arguments are the strings a call may be given.</summary>
internal sealed class Victim : IDisposable
{
    private readonly Process process;

    public Victim(params string[] strings)
    {
        process = Process.Start(new ProcessStartInfo("sh", ["-c", "read wait", .. strings]) { RedirectStandardInput = true })!;
        // After execve the argument area is known; before, it is still the parent's.
        while (!File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("read wait", StringComparison.Ordinal))
            System.Threading.Thread.Yield();
        var fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(' ');
        Stack = long.Parse(fields[27], CultureInfo.InvariantCulture);
        ArgumentsStart = long.Parse(fields[47], CultureInfo.InvariantCulture);
        ArgumentsEnd = long.Parse(fields[48], CultureInfo.InvariantCulture);
        Guest = new GuestThread(process.Id, new GuestProcess(process.Id));
        Guest.Process.Threads.Add(Guest);
    }

    public GuestThread Guest { get; }

    public long Stack { get; }

    public long ArgumentsStart { get; }

    public long ArgumentsEnd { get; }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
