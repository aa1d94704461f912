using System.Buffers.Binary;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Types;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>Short ways to devices and what is done with them.</summary>
internal static class Devices
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Exclusive = 0x80;

    public static ValueTask<DeviceCreation> Create(string type, string? source = null, string options = "", bool readOnly = false, VudevSettings? settings = null) =>
        DeviceType.All(settings ?? new VudevSettings()).Single(t => t.Name == type).CreateAsync(
            new MountRequest
            {
                Type = type,
                Source = source ?? "none",
                SourcePath = source,
                ReadOnly = readOnly,
                Caller = new Caller(1000, 100, 1, 0),
                Options = options.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static o => o.Split('=', 2)).ToDictionary(static o => o[0], static o => o.ElementAtOrDefault(1) ?? ""),
            },
            default);

    public static async Task<DeviceFileSystem> Made(string type, string? source = null, string options = "", bool readOnly = false)
    {
        var made = await Create(type, source, options, readOnly);
        Assert.Null(made.Refusal);
        await made.Device!.StartAsync(new MountRequest { Type = type, Source = "" }, default);
        return made.Device;
    }

    public static async Task<string> Refused(string type, string? source = null, string options = "", VudevSettings? settings = null)
    {
        var made = await Create(type, source, options, settings: settings);
        Assert.Null(made.Device);
        Assert.NotEqual(Errno.None, made.Refusal!.Error);
        return made.Refusal.Sentence;
    }

    public static async Task<ulong> Open(this DeviceFileSystem device, int number = 0, int flags = ReadWrite)
    {
        var open = await device.OpenAsync(DeviceFileSystem.Root + (ulong)number, flags, Caller.Nobody, default);
        Assert.Equal(Errno.None, open.Error);
        return open.Value.Handle;
    }

    public static async Task<Errno> OpenError(this DeviceFileSystem device, int number, int flags) =>
        (await device.OpenAsync(DeviceFileSystem.Root + (ulong)number, flags, Caller.Nobody, default)).Error;

    public static Task Close(this DeviceFileSystem device, ulong handle) => device.ReleaseAsync(DeviceFileSystem.Root, handle, 0).AsTask();

    public static async Task<byte[]> Read(this DeviceFileSystem device, ulong handle, long offset, int length)
    {
        var buffer = new byte[length];
        var read = await device.ReadAsync(DeviceFileSystem.Root, handle, offset, buffer, Caller.Nobody, default);
        Assert.Equal(Errno.None, read.Error);
        return buffer[..read.Value];
    }

    public static async Task<Answer<int>> Write(this DeviceFileSystem device, ulong handle, long offset, byte[] data) =>
        await device.WriteAsync(DeviceFileSystem.Root, handle, offset, data, Caller.Nobody, default);

    public static async Task<Errno> Sync(this DeviceFileSystem device, ulong handle) =>
        await device.SyncAsync(DeviceFileSystem.Root, handle, dataOnly: true, Caller.Nobody, default);

    /// <summary>An ioctl with the memory the layer would give it.</summary>
    public static async Task<(Errno Error, byte[] Output)> Control(this DeviceFileSystem device, ulong handle, uint request, byte[]? input = null, long argument = 0)
    {
        var output = new byte[OutputSize(request)];
        var answer = await device.ControlAsync(DeviceFileSystem.Root, handle, request, argument, input ?? [], output, Caller.Nobody, default);
        return (answer.Error, output);
    }

    /// <summary>The number an ioctl tells.</summary>
    public static async Task<long> Number(this DeviceFileSystem device, ulong handle, uint request)
    {
        var (error, output) = await device.Control(handle, request);
        Assert.Equal(Errno.None, error);
        var wide = new byte[8];
        output.CopyTo(wide, 0);
        return BinaryPrimitives.ReadInt64LittleEndian(wide);
    }

    /// <summary>Bytes an ioctl writes to its argument.</summary>
    public static int OutputSize(uint request) =>
        BlockIoctl.Shape(request) is { } shape ? shape.Output : (request >> 30 & 2) != 0 ? (int)(request >> 16 & 0x3FFF) : 0;

    public static byte[] Range(ulong start, ulong length) => [.. BitConverter.GetBytes(start), .. BitConverter.GetBytes(length)];

    /// <summary>The memory of a BLKPG, its pointer followed.</summary>
    public static byte[] PartitionRequest(int operation, int number, long start = 0, long length = 0)
    {
        var memory = new byte[BlockIoctl.PgArgument + BlockIoctl.PgPartition];
        BinaryPrimitives.WriteInt32LittleEndian(memory, operation);
        BinaryPrimitives.WriteInt64LittleEndian(memory.AsSpan(24), start);
        BinaryPrimitives.WriteInt64LittleEndian(memory.AsSpan(32), length);
        BinaryPrimitives.WriteInt32LittleEndian(memory.AsSpan(40), number);
        return memory;
    }
}
