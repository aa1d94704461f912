using System.Runtime.CompilerServices;
using CsCheck;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

/// <summary>Random calls of guests, through real descriptors, against an array of bytes; with a server that fails now and then.</summary>
public sealed class ContentModelTests
{
    private const int Largest = 90_000;

    private static readonly OpenTraits[] Traits = [OpenTraits.None, OpenTraits.KeepCache];

    private static readonly int[] OpenFlags = [0, 0, OpenFlag.WrOnly, OpenFlag.RdWr, OpenFlag.RdWr | OpenFlag.Append, OpenFlag.RdWr | OpenFlag.Trunc];

    internal enum Kind
    {
        Open, Write, Append, MapWrite, KeepMapped, Cut, Punch, Close, Close2, Sync, Flush, Invalidate, Outside, CutByName, Fault, ShortWrites, Compare, DropIdle,
    }

    internal readonly record struct Step(Kind Kind, int Which, int Offset, int Length, int Seed);

    private static readonly Gen<Step> Steps =
        Gen.Select(Gen.Enum<Kind>(), Gen.Int[0, 1000], Gen.OneOf(Gen.Int[0, Largest], Gen.Int[0, 20].Select(i => i * 4096)), Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, 20_000]), Gen.Int[1, 1000])
            .Select((kind, which, offset, length, seed) => new Step(kind, which, offset, length, seed));

    private static readonly Gen<int> Sizes = Gen.Int[0, 3].Select(static i => new[] { 512, 4096, 10_000, 131_072 }[i]);

    private static readonly Gen<(int Initial, int MaxWrite, int MaxRead, int InFlight, bool Atomic, bool Holes, Step[] Steps)> Runs = Gen.Select(
        Gen.Int[0, Largest], Sizes, Sizes, Gen.Int[1, 4], Gen.Bool, Gen.Bool, Steps.Array[1, 40]);

    [Fact]
    public void Whole_files_behave_as_an_array_of_bytes() => Runs.Sample(run => Play(run, new ContentSettings { WritesInFlight = run.InFlight }), iter: 400, threads: 1);

    [Fact]
    public void Partial_files_behave_as_an_array_of_bytes() => Runs.Sample(
        run => Play(run, new ContentSettings { WritesInFlight = run.InFlight, WholeFileLimit = 5000, PartialBytes = 30_000 }), iter: 400, threads: 1);

    private static bool Play((int Initial, int MaxWrite, int MaxRead, int InFlight, bool Atomic, bool Holes, Step[] Steps) run, ContentSettings settings)
    {
        PlayAsync(run, settings).GetAwaiter().GetResult();
        return true;
    }

    private static async Task PlayAsync((int Initial, int MaxWrite, int MaxRead, int InFlight, bool Atomic, bool Holes, Step[] Steps) run, ContentSettings settings)
    {
        var traits = new FileSystemTraits { MaxWrite = run.MaxWrite, MaxRead = run.MaxRead, AtomicTruncate = run.Atomic };
        await using var rig = new ContentRig(new ServerDouble { KnowsHoles = run.Holes }, traits, settings);
        rig.Server.Content = ContentRig.Bytes(run.Initial);
        await using var guest = new GuestModel(rig);
        foreach (var step in run.Steps)
            await guest.DoAsync(step);
        await guest.EndAsync();
    }

    private sealed class GuestModel(ContentRig rig) : IAsyncDisposable
    {
        private readonly List<(int Fd, int Flags)> _open = [];
        private readonly List<(IntPtr At, int Length)> _mapped = [];
        private byte[] _model = rig.Server.Content;

        public async Task DoAsync(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Open:
                    var flags = OpenFlags[step.Which % OpenFlags.Length];
                    var fd = await rig.OpenAsync(flags, Traits[step.Seed % Traits.Length]);
                    _open.Add((fd, flags));
                    if ((flags & OpenFlag.Trunc) != 0)
                        _model = [];
                    break;
                case Kind.Write when Writable(step.Which, append: false) is { } to:
                    await WriteAsync(to, step.Offset, step);
                    break;
                case Kind.Append when Writable(step.Which, append: true) is { } to:
                    await WriteAsync(to, _model.Length, step);
                    break;
                case Kind.MapWrite or Kind.KeepMapped when _model.Length > 0 && Mappable(step.Which) is { } to:
                    await MapAsync(to, step);
                    break;
                case Kind.Cut when Writable(step.Which, append: null) is { } to:
                    await CutAsync(to, step.Offset);
                    break;
                case Kind.Punch when Writable(step.Which, append: null) is { } to:
                    await rig.UseAsync(step.Offset, step.Length, () => Sys.Call(Nr.Fallocate, to, 3, step.Offset, step.Length), written: true);
                    if (step.Offset < _model.Length)
                        _model.AsSpan(step.Offset, Math.Min(step.Length, _model.Length - step.Offset)).Clear();
                    break;
                case Kind.Close or Kind.Close2 when _open.Count > 0:
                    await CloseAsync(step.Which % _open.Count);
                    break;
                case Kind.Sync:
                    if (await rig.SyncAsync() == Errno.None)
                        Compare(rig.Server.Content, "after fsync");
                    break;
                case Kind.Flush:
                    if (await rig.FlushAsync() == Errno.None)
                        Compare(rig.Server.Content, "after flush");
                    break;
                case Kind.Invalidate:
                    await rig.Content.InvalidateAsync(step.Offset, step.Length, CancellationToken.None);
                    break;
                case Kind.Outside:
                    await OutsideAsync(step);
                    break;
                case Kind.CutByName:
                    await CutByNameAsync(step.Offset);
                    break;
                case Kind.Fault:
                    var until = rig.Server.Writes + 1 + step.Which % 3;
                    var error = step.Seed % 2 == 0 ? Errno.ENOSPC : Errno.EIO;
                    rig.Server.WriteFault = n => n >= until && n < until + 2 ? error : Errno.None;
                    break;
                case Kind.ShortWrites:
                    rig.Server.WriteLimit = step.Length;
                    break;
                case Kind.Compare:
                    await CompareAsync();
                    break;
                case Kind.DropIdle:
                    await rig.Content.DropAsync();
                    break;
            }
        }

        public async Task EndAsync()
        {
            await CompareAsync();
            rig.Server.WriteFault = _ => Errno.None;
            while (_mapped.Count > 0)
                Unmap();
            while (_open.Count > 0)
                await CloseAsync(0);
            // Listened for first: it may close just now.
            var closed = rig.Closing();
            var open = rig.Content.IsOpen;
            Assert.Equal(Errno.None, await rig.FlushAsync());
            Compare(rig.Server.Content, "after the last flush");
            if (open)
                await closed;
            Assert.False(rig.Content.IsOpen);
            Assert.Equal(0, rig.Server.OpenHandles);
        }

        public ValueTask DisposeAsync()
        {
            while (_mapped.Count > 0)
                Unmap();
            _open.ForEach(o => Files.Close(o.Fd));
            return ValueTask.CompletedTask;
        }

        private int? Writable(int which, bool? append)
        {
            var fds = _open.Where(o => (o.Flags & OpenFlag.AccessMode) != 0 && (append is null || append == ((o.Flags & OpenFlag.Append) != 0))).ToList();
            return fds.Count == 0 ? null : fds[which % fds.Count].Fd;
        }

        private int? Mappable(int which)
        {
            var fds = _open.Where(o => (o.Flags & OpenFlag.AccessMode) == OpenFlag.RdWr).ToList();
            return fds.Count == 0 ? null : fds[which % fds.Count].Fd;
        }

        private async Task WriteAsync(int fd, int offset, Step step)
        {
            var data = step.Seed % 5 == 0 ? new byte[step.Length] : ContentRig.Bytes(step.Length, step.Seed);
            await rig.UseAsync(offset, data.Length, () => ContentRig.Write(fd, offset, data), written: true);
            if (_model.Length < offset + data.Length)
                Array.Resize(ref _model, offset + data.Length);
            data.CopyTo(_model.AsSpan(offset));
        }

        private async Task MapAsync(int fd, Step step)
        {
            var length = _model.Length;
            var at = IntPtr.Zero;
            var keep = step.Kind == Kind.KeepMapped;
            var offset = step.Offset % length;
            var data = ContentRig.Bytes(Math.Min(step.Length, length - offset), step.Seed);
            await rig.UseAsync(0, length, () => at = WriteMapped(fd, length, offset, data), written: true, keep);
            data.CopyTo(_model.AsSpan(offset));
            _mapped.Add((at, length));
            if (!keep)
                Unmap();
        }

        private static unsafe IntPtr WriteMapped(int fd, int length, int offset, byte[] data)
        {
            var at = ContentRig.Map(fd, length, write: true);
            data.CopyTo(new Span<byte>(at + offset, data.Length));
            return (IntPtr)at;
        }

        private unsafe void Unmap()
        {
            var (at, length) = _mapped[^1];
            _mapped.RemoveAt(_mapped.Count - 1);
            ContentRig.Unmap((byte*)at, length);
        }

        private async Task CutAsync(int fd, int size)
        {
            if (rig.Content.IsPartial)
            {
                await CutByNameAsync(size);
                return;
            }

            Assert.Equal(0, Sys.Call(Nr.Ftruncate, fd, size));
            Array.Resize(ref _model, size);
        }

        private async Task CutByNameAsync(int size)
        {
            Assert.Equal(Errno.None, (await rig.Content.SetAttributesAsync(new AttributeChange { Size = size }, null, ContentRig.Guest, CancellationToken.None)).Error);
            Array.Resize(ref _model, size);
        }

        /// <summary>Somebody else changes the file, after everything of ours was written, and the server says so.</summary>
        private async Task OutsideAsync(Step step)
        {
            if (await rig.SyncAsync() != Errno.None)
                return;
            var content = rig.Server.Content;
            if (step.Which % 3 == 0 && _mapped.Count == 0)
                Array.Resize(ref content, Math.Min(Largest, step.Offset + step.Length));
            var begin = Math.Min(step.Offset, content.Length);
            ContentRig.Bytes(Math.Min(step.Length, content.Length - begin), step.Seed).CopyTo(content.AsSpan(begin));
            rig.Server.Content = content;
            Assert.Equal(Errno.None, await rig.Content.InvalidateAsync(Math.Min(step.Offset, _model.Length), 0, CancellationToken.None));
            _model = content;
        }

        private async Task CloseAsync(int index)
        {
            var fd = _open[index].Fd;
            _open.RemoveAt(index);
            if (_open.Count + _mapped.Count > 0)
            {
                Files.Close(fd);
                return;
            }

            await rig.CloseLastAsync(fd);
        }

        private async Task CompareAsync()
        {
            var fd = await rig.OpenAsync(0, OpenTraits.KeepCache);
            _open.Add((fd, 0));
            await rig.UseAsync(0, Largest * 2, () => Compare(ContentRig.ReadAll(fd), "in the memfd"), written: false);
            await CloseAsync(_open.Count - 1);
        }

        private void Compare(byte[] actual, string where, [CallerLineNumber] int line = 0)
        {
            if (actual.AsSpan().SequenceEqual(_model))
                return;
            var at = actual.AsSpan().CommonPrefixLength(_model);
            Assert.Fail($"{where} (line {line}): {actual.Length} bytes, {_model.Length} expected, different from {at} on");
        }
    }
}
