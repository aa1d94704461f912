using System.Text;
using Vuos.Actors.Modules.Fuse;
using Vuos.Actors.Tracing;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>
/// A layer whose file system is a FUSE server of the table: the server is started as a guest that sees what was mounted before, and its own mount(2) of the same place makes the layer. Unmounting ends it.
/// </summary>
internal static class ServerMount
{
    /// <summary>How long a server may take until it mounts, and to end once it is unmounted (then it is told to, then killed).</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60), EndLimit = TimeSpan.FromSeconds(30);

    public static async ValueTask<LayerResult> StartAsync(ServerType type, VirtualMounts mounts, MountSpecification specification, VirtualRun run, CancellationToken cancel)
    {
        var source = type.Source == ServerSource.Word || specification.SourceView is null ? mounts.Request.Source : Text(specification.SourceView);
        if (ServerCommand.Build(type, mounts.Request, source, Text(specification.TargetView), out var error, out var sentence) is not { } command)
            return LayerResult.Refuse(error, sentence);
        var mounted = new TaskCompletionSource<AwaitedServer>(TaskCreationOptions.RunContinuationsAsynchronously);
        run.Awaited[specification.Epoch] = mounted;
        try
        {
            var (server, failed) = await run.Programs!.StartAsync(command.Arguments, specification.Epoch, specification.Identity).ConfigureAwait(false);
            if (server is null)
                return LayerResult.Refuse(failed, $"{type.Name}: {command.Arguments[0]}: {ErrnoText.Of(failed)}");
            return await WaitAsync(type, command, mounts, server, mounted, run, cancel).ConfigureAwait(false);
        }
        finally
        {
            run.Awaited.TryRemove(specification.Epoch, out _);
        }
    }

    private static async ValueTask<LayerResult> WaitAsync(ServerType type, ServerCommand command, VirtualMounts mounts, ServerProgram server,
        TaskCompletionSource<AwaitedServer> mounted, VirtualRun run, CancellationToken cancel)
    {
        // A server that daemonizes ends first, after it has mounted.
        if (await Task.WhenAny(mounted.Task, server.Ended, Task.Delay(StartLimit, cancel)).ConfigureAwait(false) != mounted.Task && !mounted.Task.IsCompleted)
        {
            var ended = server.Ended.IsCompleted;
            mounted.TrySetCanceled(CancellationToken.None);
            await server.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
            return Refuse(type, command, ended ? await server.LastWords.ConfigureAwait(false) : "", ended ? "ended without mounting anything" : "did not mount anything in time");
        }

        var (session, options) = await mounted.Task.ConfigureAwait(false);
        var layer = new VirtualLayer(layer => new FuseFileSystem(session, options, layer), mounts.Request, run)
        {
            Ended = async () => await server.StopAsync(EndLimit).ConfigureAwait(false),
            AttributeTimeout = type.AttributeTimeout,
        };
        var started = await layer.StartAsync().ConfigureAwait(false);
        if (started != Errno.None)
        {
            await layer.CloseAsync(CancellationToken.None).ConfigureAwait(false);
            return Refuse(type, command, await server.LastWords.ConfigureAwait(false), ErrnoText.Of(started));
        }

        if (command.Warning.Length > 0)
            mounts.Request.Say(command.Warning);
        return mounts.Made(layer, readOnly: command.ReadOnly || options.ReadOnly);
    }

    private static LayerResult Refuse(ServerType type, ServerCommand command, string said, string otherwise)
    {
        var program = Path.GetFileName(command.Arguments[0]);
        return LayerResult.Refuse(Errno.EIO, said.Length == 0 ? $"{type.Name}: {program} {otherwise}"
            : said.StartsWith(program, StringComparison.Ordinal) ? $"{type.Name}: {said}" : $"{type.Name}: {program}: {said}");
    }

    private static string Text(byte[] path) => path.Length == 0 ? "/" : Encoding.UTF8.GetString(path);
}
