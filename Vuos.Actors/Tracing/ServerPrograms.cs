using System.Text;
using Microsoft.Win32.SafeHandles;
using Vuos.Actors.Actors;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tracing;

/// <summary>Starts the programs that serve layers: guests themselves, that see what was mounted before their layer. From any thread.</summary>
internal sealed class ServerPrograms(Tracer tracer, PathResolver resolver, PublishedView view, RunLog log, List<byte[]> environment)
{
    /// <summary>Directories in which servers of file systems lie though they are not in everybody's PATH.</summary>
    private const string MoreDirectories = ":/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

    /// <summary>Starts a program; the error as of <see cref="Tracer.Launch"/>.</summary>
    /// <param name="arguments">The program's name or path first.</param>
    /// <param name="epoch">Of its layer.</param>
    /// <param name="identity">As whom it runs; null: as the hypervisor.</param>
    public async Task<(ServerProgram? Program, Errno Error)> StartAsync(IReadOnlyList<string> arguments, long epoch, (uint Uid, uint Gid)? identity)
    {
        if (Pipe(out var ours, out var its) is var error && error != Errno.None)
            return (null, error);
        var program = new ServerProgram(tracer.Queue, new SafeFileHandle(ours, ownsHandle: true), line => log.Information($"{arguments[0]}: {line}"));
        var started = new TaskCompletionSource<Errno>(TaskCreationOptions.RunContinuationsAsynchronously);
        var words = arguments.Select(GuestEnvironment.Bytes).ToList();
        tracer.Queue.Post(() =>
        {
            var launch = new GuestLaunch
            {
                Arguments = words,
                Environment = environment,
                Epoch = epoch,
                Filters = RouterActor.Needs(view.Table) | FilterStage.Naming,
                Output = its,
                Identity = identity,
                Ended = status =>
                {
                    log.Information($"{arguments[0]} ended with status {status}");
                    program.HasEnded(status);
                },
            };
            var failed = tracer.Launch(launch, thread => CommandSearch.Find(resolver, thread, words[0], WithMoreDirectories(), out _), out var process);
            // The program has its own: ours would keep the pipe from ending.
            Files.Close(its);
            program.Process = process;
            started.SetResult(failed);
        });
        error = await started.Task.ConfigureAwait(false);
        if (error == Errno.None)
            return (program, Errno.None);
        program.Dispose();
        return (null, error);
    }

    /// <summary>A process has mounted a FUSE file system by hand.</summary>
    public void HasMounted(int pid) => tracer.Queue.Post(() =>
    {
        if (tracer.FindProcess(pid) is { } process)
            process.Mounted = true;
    });

    /// <summary>A server that was started by hand serves: now whoever has its device is known.</summary>
    public void HasStarted() => tracer.Queue.Post(tracer.LookForServersAlone);

    /// <summary>Reads of a socket fail from now on, also those that guests are waiting in (<see cref="Tracer.EndReads"/>).</summary>
    public Task EndReadsAsync(ulong inode, Errno error, ServedMount? mount)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tracer.Queue.Post(() => tracer.EndReads(inode, error, mount, done.SetResult));
        return done.Task;
    }

    private List<byte[]> WithMoreDirectories() =>
        [.. environment.Select(static e => e.AsSpan().StartsWith("PATH="u8) ? [.. e, .. Encoding.ASCII.GetBytes(MoreDirectories)] : e)];

    private static unsafe Errno Pipe(out int ours, out int its)
    {
        var ends = stackalloc int[2];
        var result = Sys.Call(Nr.Pipe2, (long)ends, OpenFlag.CloExec);
        (ours, its) = (ends[0], ends[1]);
        return Sys.Error(result);
    }
}

/// <summary>A running program of a layer.</summary>
internal sealed class ServerProgram : IDisposable
{
    private const int MostSaid = 4096, SigTerm = 15, SigKill = 9;

    private readonly TracerQueue queue;
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> output;
    private readonly SafeFileHandle pipe;

    public ServerProgram(TracerQueue queue, SafeFileHandle pipe, Action<string> say)
    {
        this.queue = queue;
        this.pipe = pipe;
        output = Task.Factory.StartNew(() => Listen(say), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Its first process; for the tracer thread.</summary>
    public GuestProcess? Process { get; set; }

    /// <summary>Its shell status, when its first process has ended.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>The last line it wrote that says something, once all who could write have ended.</summary>
    public Task<string> LastWords => output;

    public void HasEnded(int status) => ended.TrySetResult(status);

    /// <summary>Waits until it has ended by itself, then asks it to, then kills it.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        foreach (var signal in (int[])[0, SigTerm, SigKill])
        {
            if (signal != 0)
                Signal(signal);
            if (await Task.WhenAny(ended.Task, Task.Delay(patience)).ConfigureAwait(false) == ended.Task)
                return;
        }
    }

    public void Dispose()
    {
        pipe.Dispose();
        ended.TrySetResult(0);
    }

    /// <summary>On the tracer thread, where it is known whether the number still means this process.</summary>
    private void Signal(int signal) => queue.Post(() =>
    {
        if (!ended.Task.IsCompleted && Process is { } process)
            Sys.Fast(Nr.Kill, process.Pid, signal);
    });

    private string Listen(Action<string> say)
    {
        var last = "";
        try
        {
            using var reader = new StreamReader(new FileStream(pipe, FileAccess.Read, bufferSize: 1), Encoding.UTF8);
            while (reader.ReadLine() is { } line)
            {
                if (line.Length == 0)
                    continue;
                last = line.Length > MostSaid ? line[..MostSaid] : line;
                say(last);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The run ends.
        }

        return last;
    }
}
