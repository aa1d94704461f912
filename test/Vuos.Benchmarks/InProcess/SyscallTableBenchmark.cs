using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Vuos.Native.Syscalls;

namespace Vuos.Benchmarks.InProcess;

/// <summary>The lookup that every trap begins with: it must be a few ns and allocate nothing.</summary>
[MemoryDiagnoser]
[Config(typeof(Here))]
public class SyscallTableBenchmark
{
    private const int Numbers = 512;

    /// <summary>
    /// By number, over all numbers and some that do not exist. Many in one invocation: a single lookup cannot be told from
    /// the empty call that is taken off. Returns how many exist, so that none is optimized away.
    /// </summary>
    [Benchmark(OperationsPerInvoke = Numbers)]
    public int Find()
    {
        var found = 0;
        for (var number = 0; number < Numbers; number++)
            if (SyscallTable.Find(number) is not null)
                found++;
        return found;
    }

    /// <summary>In this process: a build of its own for one lookup would take longer than the lookups.</summary>
    private sealed class Here : ManualConfig
    {
        public Here() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
