using System.Diagnostics;
using System.Text;
using Vuos.Actors.Modules.Fuse;
using Vuos.Actors.Tests.Support;
using Vuos.Native;

namespace Vuos.Actors.Tests.Fuse.Real;

/// <summary>A FUSE server as it comes from the distribution, whose /dev/fuse is the server's end of a session: see device.c.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    /// <summary>What libfuse 3 takes for a mount point that is mounted already (fuse_mnt_parse_fuse_fd).</summary>
    public const string Device = "/dev/fd/63";

    /// <summary>Where the tests' own files are.</summary>
    public static string Material { get; } = Path.Combine(AppContext.BaseDirectory, "Fuse", "Real");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<string> Preload = new(CompilePreload);

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private RealServer(string program, string[] arguments)
    {
        Assert.Equal(Errno.None, FuseMountOptions.Parse(ScriptedServer.Options, blockDevice: false, out var options));
        Session = FuseSession.Create().Value;
        Files = new FuseFileSystem(Session, options, new Notices());
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LD_PRELOAD"] = Preload.Value;
        start.Environment["VUOS_FUSE_PID"] = $"{Environment.ProcessId}";
        start.Environment["VUOS_FUSE_FD"] = $"{Session.ServerDescriptor}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Heard;
        _process.ErrorDataReceived += Heard;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public FuseSession Session { get; }

    public FuseFileSystem Files { get; }

    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts it and waits for the answer to INIT.</summary>
    public static Task<RealServer> StartAsync(string program, params string[] arguments) =>
        StartAsync(static async files => (await files.StartAsync(ScriptedServer.Request, default)).Error, program, arguments);

    /// <summary>The same; <paramref name="start"/> starts the file system.</summary>
    public static async Task<RealServer> StartAsync(Func<FuseFileSystem, Task<Errno>> start, string program, params string[] arguments)
    {
        var server = new RealServer(program, arguments);
        var started = start(server.Files);
        try
        {
            // Whoever goes to the background ends well before that.
            if (await Task.WhenAny(started, server._process.WaitForExitAsync()).WaitAsync(Patience) != started && server._process.ExitCode != 0)
                throw new InvalidOperationException($"{program} ended with {server._process.ExitCode}");
            Assert.Equal(Errno.None, await started.WaitAsync(Patience));
        }
        catch (Exception e)
        {
            server._process.Kill(entireProcessTree: true);
            server.Session.Abort();
            throw new InvalidOperationException($"{e.Message}\n{server.Said}", e);
        }

        server.Session.CloseServerEnd();
        return server;
    }

    /// <summary>Unmounts; a server whose device is gone ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await Files.DisposeAsync();
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"the server did not end\n{Said}");
        }
        finally
        {
            _process.Dispose();
        }
    }

    private void Heard(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
            _said.AppendLine(line.Data);
    }

    private static string CompilePreload()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "fuse-device.so");
        var source = File.ReadAllText(Path.Combine(Material, "device.c"));
        var outcome = ChildProcess.Run("gcc", ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-x", "c", "-", "-o", library], source);
        return outcome.Status == 0 ? library : throw new InvalidOperationException(outcome.Errors);
    }
}
