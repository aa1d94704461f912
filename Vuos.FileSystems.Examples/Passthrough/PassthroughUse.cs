using System.Globalization;
using System.Text;
using Vuos.Native;

namespace Vuos.FileSystems.Examples;

/// <summary>The use of a node for one operation, in which its descriptor stays open; or why there is none.</summary>
internal readonly struct PassthroughUse : IDisposable
{
    private readonly PassthroughDescriptors? descriptors;
    private readonly PassthroughNode? node;

    /// <param name="descriptors">Where the use has begun.</param>
    /// <param name="node">The node.</param>
    public PassthroughUse(PassthroughDescriptors descriptors, PassthroughNode node) => (this.descriptors, this.node) = (descriptors, node);

    private PassthroughUse(Errno error) => Error = error;

    public Errno Error { get; }

    /// <summary>There is no descriptor: <see cref="Error"/> says why.</summary>
    public bool Failed => node is null;

    public PassthroughNode Node => node ?? throw new InvalidOperationException("a node that cannot be used");

    public int Descriptor => Node.Descriptor;

    /// <summary>A path, with its NUL, for calls that take no such descriptor. It leads to the file itself, also when that is a symbolic link.</summary>
    public byte[] Path => PathOf(Descriptor);

    public static implicit operator PassthroughUse(Errno error) => new(error);

    public static byte[] PathOf(long descriptor) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}\0"));

    /// <summary>One more use, to be ended by <see cref="PassthroughDescriptors.Release"/>: for what outlasts the operation.</summary>
    public void Keep() => descriptors!.TryUse(Node);

    public void Dispose()
    {
        if (node is not null)
            descriptors!.Release(node);
    }
}
