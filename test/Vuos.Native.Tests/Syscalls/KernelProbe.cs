using System.Runtime.InteropServices;
using System.Text;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Native.Tests.Syscalls;

/// <summary>Makes a call of the table for real, with harmless values for everything but its paths, in a folder of its own.</summary>
internal sealed unsafe class KernelProbe : IDisposable
{
    private const int Scratch = 1 << 16;

    private readonly byte* _scratch = (byte*)NativeMemory.Alloc(Scratch);
    private readonly int _inotify = (int)Sys.Call(294);

    public KernelProbe()
    {
        File.WriteAllText(Name("file"), "");
        File.CreateSymbolicLink(Name("dangling"), "missing/name");
        Descriptor = (int)Files.Open(Encoding.UTF8.GetBytes(Name("file") + '\0'), OpenFlag.RdWr);
        LinkDescriptor = (int)Files.Open(Encoding.UTF8.GetBytes(Name("dangling") + '\0'), OpenFlag.Path | OpenFlag.NoFollow);
        if (Descriptor < 0 || LinkDescriptor < 0 || _inotify < 0)
            throw new InvalidOperationException("no descriptors to try with");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("vuos-kernel-").FullName;

    /// <summary>An open file.</summary>
    public int Descriptor { get; }

    /// <summary>An O_PATH descriptor of a symbolic link.</summary>
    public int LinkDescriptor { get; }

    public string Name(string name) => Path.Combine(Folder, name);

    public void Dispose()
    {
        foreach (var fd in new[] { Descriptor, LinkDescriptor, _inotify })
            Files.Close(fd);
        NativeMemory.Free(_scratch);
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>
    /// The error of a call. <paramref name="path"/> goes in with this text (null: a NULL pointer) and flags; other paths are the file before it
    /// and a new name after it.
    /// </summary>
    public Errno Ask(SyscallInfo call, PathArgument path, string? text, int dirFd, uint flags)
    {
        new Span<byte>(_scratch, Scratch).Clear();
        *(ulong*)_scratch = path.Follow == LinkRule.OpenHow ? flags : 128; // open_how.flags, or handle_bytes of name_to_handle_at
        var texts = new List<nint>();
        try
        {
            var a = new long[6];
            for (var i = 0; i < call.Args.Length; i++)
            {
                a[i] = call.Args[i] switch
                {
                    ArgKind.Path when i == path.Index => Text(text),
                    ArgKind.Path => Text(Name(i < path.Index ? "file" : "other")),
                    ArgKind.String => Text("user.vuos"),
                    ArgKind.DirFd => dirFd,
                    ArgKind.Fd => _inotify,
                    ArgKind.Flags => i == path.Flags ? flags : 0,
                    ArgKind.Mode => 4,
                    ArgKind.Size => 24,
                    ArgKind.Id => -1,
                    ArgKind.UInt or ArgKind.Offset or ArgKind.ArgV => 0,
                    ArgKind.OutStruct or ArgKind.OutBuffer or ArgKind.Buffer => (long)_scratch + 4096,
                    ArgKind.Struct => path.Use == PathUse.Modify && call.Name.StartsWith('u') ? 0 : (long)_scratch, // no times: now
                    _ => throw new InvalidOperationException($"{call.Name}: no value for {call.Args[i]}"),
                };
            }
            var result = Sys.Call(call.Number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if (!Sys.Failed(result) && path.Use == PathUse.Open)
                Files.Close(result);
            return Sys.Error(result);
        }
        finally
        {
            texts.ForEach(Marshal.FreeCoTaskMem);
        }

        long Text(string? value)
        {
            var pointer = Marshal.StringToCoTaskMemUTF8(value);
            texts.Add(pointer);
            return pointer;
        }
    }
}
