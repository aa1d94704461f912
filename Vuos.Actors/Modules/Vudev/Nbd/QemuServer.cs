using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>
/// A qemu-nbd(8) that serves one image to one client over a socket in a directory of its own. It ends when its client is gone, so it also ends, with everything flushed, when the
/// hypervisor is killed; the directory is removed as soon as the client is connected.
/// </summary>
internal sealed class QemuServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private QemuServer(Process process)
    {
        _process = process;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                if (line.Data is { Length: > 0 } text && _errors.Length < 4096)
                    _errors.Append(text).Append('\n');
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What to serve.</summary>
    /// <param name="Format">As <c>qemu-img -f</c> has it; null: found out by the image's begin.</param>
    public sealed record Image(string Path, string? Format, bool ReadOnly);

    /// <summary>A server and its client, or why not: the error, and what is wrong as the end of a sentence.</summary>
    public static async Task<(QemuServer? Server, NbdClient? Client, Refusal? Refusal)> StartAsync(VudevSettings settings, Image image, CancellationToken cancel)
    {
        if (Programs.Find(settings.NbdServer) is not { } program)
            return (null, null, new Refusal(Errno.ENOENT, $"needs the program {settings.NbdServer}, which Debian has in the package qemu-utils"));
        var directory = Directory.CreateTempSubdirectory("vuos-vudev-");
        try
        {
            var socket = Path.Combine(directory.FullName, "nbd");
            var server = new QemuServer(Start(program, socket, image));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(settings.NbdStart);
            var (client, wrong) = await server.ConnectAsync(socket, limit.Token).ConfigureAwait(false);
            if (client is not null)
                return (server, client, null);
            await server.EndAsync(TimeSpan.Zero).ConfigureAwait(false);
            return (null, null, cancel.IsCancellationRequested ? new Refusal(Errno.EINTR, "was interrupted") : new Refusal(Errno.EINVAL, wrong));
        }
        catch (Exception e) when (e is Win32Exception or SocketException or ArgumentException)
        {
            return (null, null, new Refusal(Errno.ENOEXEC, $"cannot start {program}: {e.Message}"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Ends it in order, which takes as long as its last flush; its client must have disconnected.</summary>
    public ValueTask DisposeAsync() => EndAsync(TimeSpan.FromSeconds(20));

    private static Process Start(string program, string socket, Image image)
    {
        // A session of its own: an interrupt from the terminal is for the guests.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = [program, $"--socket={socket}", "--shared=1", "--cache=writeback", "--discard=unmap"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (image.Format is not null)
            start.ArgumentList.Add($"--format={image.Format}");
        if (image.ReadOnly)
            start.ArgumentList.Add("--read-only");
        start.ArgumentList.Add("--");
        start.ArgumentList.Add(image.Path);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>The server does not tell when it listens, so it is asked until it answers or ends.</summary>
    private async Task<(NbdClient? Client, string Wrong)> ConnectAsync(string path, CancellationToken cancel)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
                return (await NbdClient.StartAsync(socket, "", cancel).ConfigureAwait(false), "");
            }
            catch (SocketException) when (!_process.HasExited)
            {
                socket.Dispose();
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                socket.Dispose();
                if (e is OperationCanceledException)
                    return (null, "got no answer from the server of the image");
                return (null, $"cannot serve the image: {await LastWordsAsync(e.Message).ConfigureAwait(false)}");
            }

            await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(5, CancellationToken.None)).ConfigureAwait(false);
            if (cancel.IsCancellationRequested)
                return (null, "got no answer from the server of the image");
        }
    }

    /// <summary>What a server that ended wrote, as one line.</summary>
    private async Task<string> LastWordsAsync(string otherwise)
    {
        await Ended(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        lock (_errors)
            return _errors.Length == 0 ? otherwise : _errors.ToString().Trim().Replace('\n', ' ');
    }

    private async ValueTask EndAsync(TimeSpan patience)
    {
        if (!await Ended(patience).ConfigureAwait(false))
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task<bool> Ended(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return _process.HasExited;
        }
    }
}
