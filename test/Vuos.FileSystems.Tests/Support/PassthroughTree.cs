using Vuos.FileSystems.Examples;

namespace Vuos.FileSystems.Tests.Support;

/// <summary>A directory of the host behind a <see cref="PassthroughFileSystem"/>: what the kernel itself says to an operation.</summary>
internal sealed class PassthroughTree(string path) : IAsyncDisposable
{
    private readonly PassthroughFileSystem system = new();
    private Session? session;

    public static MountRequest Request(string path) => new() { Type = "vufusereal", Source = path, SourcePath = path };

    public async Task<Session> Session()
    {
        if (session is null)
            Support.Session.Good(await system.StartAsync(Request(path), default));
        return session ??= new Session(system);
    }

    public ValueTask DisposeAsync() => system.DisposeAsync();
}
