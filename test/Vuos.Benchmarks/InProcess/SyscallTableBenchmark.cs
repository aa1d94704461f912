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
    private int _next;

    /// <summary>By number, over all numbers and some that do not exist.</summary>
    [Benchmark]
    public SyscallInfo? Find() => SyscallTable.Find(_next++ & 511);

    /// <summary>In this process: a build of its own for one lookup would take longer than the lookups.</summary>
    private sealed class Here : ManualConfig
    {
        public Here() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
