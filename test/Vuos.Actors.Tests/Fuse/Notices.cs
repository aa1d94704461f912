using System.Collections.Concurrent;
using Vuos.FileSystems;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>Writes down what it is told.</summary>
internal sealed class Notices : IInvalidation
{
    public BlockingCollection<string> Heard { get; } = [];

    public string Next() => Heard.TryTake(out var notice, TimeSpan.FromSeconds(20)) ? notice : throw new TimeoutException("no notice");

    public void Node(ulong node, long offset, long length) => Heard.Add($"node {node} {offset} {length}");

    public void Entry(ulong parent, ReadOnlySpan<byte> name) => Heard.Add($"entry {parent} {System.Text.Encoding.UTF8.GetString(name)}");

    public void Names() => Heard.Add("names");

    public void Readiness(ulong node, ulong handle) => Heard.Add($"ready {node} {handle}");
}
