using System.Diagnostics;
using System.Globalization;

namespace Vuos.Benchmarks;

/// <summary>Runs one workload under one contestant once, and returns its number.</summary>
internal sealed class Probe(Fixture fixture)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <summary>ns or bytes; throws <see cref="BenchException"/> with one line if it fails or takes longer than five minutes.</summary>
    public double Sample(Workload workload, Contestant contestant)
    {
        if (contestant.OnWrite || workload.Measure == Measure.OnWrite)
            fixture.Layers.Begin(workload.Tree, copied: !contestant.OnWrite);
        if (contestant.Served || workload.Measure == Measure.Served)
            fixture.Images.Begin(workload.Tree, mounted: contestant.Served);
        string[] prefix = [.. contestant.Prefix(fixture, workload.Layers)];
        var root = workload.Measure switch
        {
            Measure.OnWrite => fixture.Layers.Root,
            Measure.Served => fixture.Images.Root,
            _ => contestant.Root(fixture),
        };
        var command = workload.Command(root);
        return workload.Measure switch
        {
            // micro itself is native here, and is therefore named by its real path.
            Measure.Outside => Timed([Path.Combine(fixture.Real, "micro"), command[0], .. prefix, .. command[1..]]),
            Measure.OnWrite or Measure.Served => Timed([.. prefix, Path.Combine(fixture.Real, command[0]), .. command[1..]]),
            Measure.Inside => Timed([.. prefix, Path.Combine(root, "micro"), .. command]),
            _ => Resident([.. prefix, Path.Combine(root, "micro"), .. command]),
        };
    }

    private static double Timed(string[] command)
    {
        using var process = Start(command);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = Deadline(process);
        Task.WaitAll(output, errors);
        process.WaitForExit();
        var line = LastLine(output.Result);
        if (process.ExitCode == 0 && line.StartsWith("ns ", StringComparison.Ordinal))
            return double.Parse(line.AsSpan(3), CultureInfo.InvariantCulture);
        throw Failed(process, errors.Result);
    }

    /// <summary>VmRSS of the guest's tracer, in bytes, once it no longer changes.</summary>
    private static double Resident(string[] command)
    {
        using var process = Start(command);
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = Deadline(process);
        var line = process.StandardOutput.ReadLine();
        double? resident = null;
        if (line is not null && line.StartsWith("pid ", StringComparison.Ordinal))
            resident = Status(line[4..], "TracerPid:") is var tracer and > 0 ? Settled(tracer.ToString(CultureInfo.InvariantCulture)) : null;
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw Failed(process, errors.Result);
        return resident ?? throw new BenchException("the guest has no tracer");
    }

    /// <summary>
    /// The hypervisor builds part of itself behind the guest's first instructions, so one look would be too early: waits until five
    /// looks, 200 ms apart, agree within 1 %, for at most 6 s.
    /// </summary>
    private static double Settled(string pid)
    {
        double last = 0;
        for (int looks = 0, same = 0; looks < 30 && same < 5; looks++)
        {
            Thread.Sleep(Settling);
            double next = Status(pid, "VmRSS:") * 1024;
            same = Math.Abs(next - last) <= last / 100 ? same + 1 : 0;
            last = next;
        }
        return last;
    }

    private static long Status(string pid, string field)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static Process Start(string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        info.Environment["LC_ALL"] = "C";
        return Process.Start(info)!;
    }

    private static Timer Deadline(Process process) => new(_ =>
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself while the timer fired.
        }
    }, null, Limit, Timeout.InfiniteTimeSpan);

    private static BenchException Failed(Process process, string errors)
    {
        var line = LastLine(errors);
        return new($"status {process.ExitCode}{(line.Length > 0 ? ": " + line : "")}");
    }

    private static string LastLine(string text) => text.TrimEnd('\n').Split('\n')[^1];
}
