using System.Runtime.InteropServices;
using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Native.Tests.Syscalls;

/// <summary>
/// Asks the running kernel which *at calls take an empty or a NULL path as "the descriptor itself", on a file of the test's own.
/// </summary>
public sealed class KernelAgreesTests : IDisposable
{
    private const int AtEmptyPath = 0x1000, PathOnly = 0x20_0000, NoFollow = 0x2_0000;

    /// <summary>The kernel that brought the last of the calls (file_setattr) and of the NULL paths.</summary>
    private static readonly Version Settled = new(6, 17);

    private readonly string _folder = Directory.CreateTempSubdirectory("vuos-kernel-").FullName;
    private readonly nint _scratch = Marshal.AllocHGlobal(1 << 16);
    private readonly int _file, _link;

    public KernelAgreesTests()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "file");
        _file = OpenFile(file, 2);
        _link = OpenFile(Path.Combine(_folder, "link"), PathOnly | NoFollow);
        Assert.True(_file >= 0 && _link >= 0);
    }

    public void Dispose()
    {
        _ = CloseFile(_file);
        _ = CloseFile(_link);
        Marshal.FreeHGlobal(_scratch);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(AtCalls))]
    public void An_empty_path_means_the_descriptor_where_the_table_says_so(string name)
    {
        var (call, path) = Row(name);
        var error = Ask(call, path, "", path.Flags >= 0 ? AtEmptyPath : 0);
        if (error == Errno.ENOSYS || (path.Use == PathUse.LinkFrom && !Environment.IsPrivilegedProcess))
            return;
        if (path.Empty)
            Assert.False(error is Errno.ENOENT or Errno.EFAULT or Errno.EINVAL or Errno.EBADF, $"{name}: {error}");
        else
            Assert.Equal(Errno.ENOENT, error);
    }

    [Theory]
    [MemberData(nameof(AtCalls))]
    public void A_null_path_means_the_descriptor_where_the_table_says_so(string name)
    {
        var (call, path) = Row(name);
        // utimensat(2) had its NULL path long before AT_EMPTY_PATH and refuses the two together.
        var error = Ask(call, path, null, path.Flags >= 0 && name != "utimensat" ? AtEmptyPath : 0);
        if (error == Errno.ENOSYS || (path.Null && Environment.OSVersion.Version < Settled))
            return;
        if (path.Null)
            Assert.False(error is Errno.ENOENT or Errno.EFAULT or Errno.EINVAL or Errno.EBADF, $"{name}: {error}");
        else
            Assert.Equal(Errno.EFAULT, error);
    }

    /// <summary>Calls of the *at family that neither create, remove, run nor mount; fanotify_mark(2) has flags of its own.</summary>
    public static TheoryData<string> AtCalls() =>
    [
        .. SyscallTable.All
            .Where(static s => s.Paths.Length > 0 && s.Paths[0] is { DirFd: >= 0, Use: PathUse.Lookup or PathUse.Modify or PathUse.LinkFrom })
            .Where(static s => s.Name != "fanotify_mark")
            .Select(static s => s.Name),
    ];

    private static (SyscallInfo Call, PathArgument Path) Row(string name)
    {
        var call = SyscallTable.Find(name)!;
        return (call, call.Paths[0]);
    }

    private unsafe Errno Ask(SyscallInfo call, PathArgument path, string? text, int flags)
    {
        new Span<byte>((void*)_scratch, 1 << 16).Clear();
        Marshal.WriteInt32(_scratch, 128); // handle_bytes for name_to_handle_at
        var empty = Marshal.StringToCoTaskMemUTF8(text);
        var name = Marshal.StringToCoTaskMemUTF8("user.vuos");
        var other = Marshal.StringToCoTaskMemUTF8(Path.Combine(_folder, "other"));
        try
        {
            var a = new nint[6];
            for (var i = 0; i < call.Args.Length; i++)
            {
                a[i] = call.Args[i] switch
                {
                    ArgKind.DirFd => path.Follow == LinkRule.Never ? _link : _file,
                    ArgKind.Path => i == path.Index ? empty : other,
                    ArgKind.String => name,
                    ArgKind.Flags => i == path.Flags ? flags : 0,
                    ArgKind.Mode => 4,
                    ArgKind.Size => 24,
                    ArgKind.Id => -1,
                    ArgKind.OutStruct or ArgKind.OutBuffer => _scratch + 4096,
                    ArgKind.Struct => call.Name.Contains("times") || call.Name == "utimensat" ? 0 : _scratch,
                    _ => throw new InvalidOperationException($"{call.Name}: no value for {call.Args[i]}"),
                };
            }
            var result = Call(call.Number, a[0], a[1], a[2], a[3], a[4], a[5]);
            return result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        }
        finally
        {
            Marshal.FreeCoTaskMem(empty);
            Marshal.FreeCoTaskMem(name);
            Marshal.FreeCoTaskMem(other);
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint Call(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int CloseFile(int fd);
}
