using System.Globalization;
using System.Text.RegularExpressions;
using Vuos.Native.Syscalls;
using Vuos.Native.Tests.Abi;
using Xunit;

namespace Vuos.Native.Tests.Syscalls;

public partial class SyscallTableTests
{
    /// <summary>The newest call when the table was written (rseq_slice_yield, kernel 7.0).</summary>
    private const int Newest = 471;

    [Fact]
    public void Every_number_the_compilers_headers_know_is_in_the_table_under_the_same_name()
    {
        var macros = Compiler.Macros("asm/unistd_64.h");
        var known = macros.Where(static m => m.Key.StartsWith("__NR_", StringComparison.Ordinal) && m.Key != "__NR_syscalls")
            .ToDictionary(static m => int.Parse(m.Value, CultureInfo.InvariantCulture), static m => m.Key["__NR_".Length..]);
        Assert.True(known.Count > 300, $"only {known.Count} calls in the headers");

        var wrong = known.Where(static k => SyscallTable.Find(k.Key)?.Name != k.Value).Select(static k => $"{k.Key} {k.Value}");
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_table_has_no_holes_but_the_one_the_kernel_keeps()
    {
        var expected = Enumerable.Range(0, 337).Concat(Enumerable.Range(424, Newest - 424 + 1));
        Assert.Equal(expected, SyscallTable.All.Select(static s => s.Number));
    }

    [Fact]
    public void Numbers_and_names_are_unique()
    {
        var rows = X64Syscalls.Rows();
        Assert.DoesNotContain(rows.CountBy(static r => r.Number), static c => c.Value > 1);
        Assert.DoesNotContain(rows.CountBy(static r => r.Name), static c => c.Value > 1);
        Assert.Equal(rows.Count, SyscallTable.All.Length);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_row_is_consistent(string name)
    {
        var call = SyscallTable.Find(name)!;
        Assert.InRange(call.Args.Length, 0, 6);
        Assert.DoesNotContain(ArgKind.None, call.Args);
        Assert.Equal(call.Decision == Decision.Unsupported, call.Refusal != Errno.None);
        Assert.Matches("^[a-z0-9_]+$", call.Name);
        Assert.True(call.Note.Length == 0 || call.Note.EndsWith('.'), call.Note);
        if (call.Decision == Decision.Path)
            Assert.NotEmpty(call.Paths);
        if (call.Hot)
            Assert.True(call.Decision is Decision.Path or Decision.Descriptor || call.Name == "getcwd");

        // A path without a rule would be resolved by the kernel, outside the view.
        var paths = Enumerable.Range(0, call.Args.Length).Where(i => call.Args[i] == ArgKind.Path);
        Assert.Equal(paths, call.Paths.Select(static p => p.Index));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Path_arguments_point_at_arguments_of_the_right_kind(string name)
    {
        var call = SyscallTable.Find(name)!;
        foreach (var path in call.Paths)
        {
            // Every *at call has the descriptor right before its path, and no other call has a directory descriptor.
            var before = path.Index > 0 && call.Args[path.Index - 1] == ArgKind.DirFd ? path.Index - 1 : -1;
            Assert.Equal(before, path.DirFd);
            switch (path.Follow)
            {
                case LinkRule.Always or LinkRule.Never:
                    Assert.Equal(-1, path.Flags);
                    break;
                case LinkRule.OpenHow:
                    Assert.Equal(ArgKind.Struct, call.Args[path.Flags]);
                    break;
                default:
                    Assert.Equal(ArgKind.Flags, call.Args[path.Flags]);
                    break;
            }
            if (path.Empty || path.Null)
                Assert.NotEqual(-1, path.DirFd);
        }
    }

    [Fact]
    public void The_hot_calls_are_the_ones_programs_make_by_the_thousand()
    {
        string[] hot =
            ["access", "faccessat", "faccessat2", "fstat", "getdents", "getdents64", "lstat", "newfstatat", "open", "openat", "readlink", "readlinkat", "stat", "statx"];
        // Trapped only where there are virtual files.
        string[] data =
        [
            "close", "copy_file_range", "dup2", "dup3", "fdatasync", "fgetxattr", "flistxattr", "fstatfs", "fsync", "getcwd", "lseek", "mmap", "msync", "pread64", "preadv", "preadv2", "pwrite64", "pwritev",
            "pwritev2", "read", "readv", "sendfile", "splice", "sync_file_range", "syncfs", "write", "writev",
        ];
        Assert.Equal(hot.Concat(data).Order(StringComparer.Ordinal), SyscallTable.All.Where(static s => s.Hot).Select(static s => s.Name).Order(StringComparer.Ordinal));
        Assert.All(hot, static name => Assert.Equal(Transport.Notification, SyscallTable.Find(name)!.Transport));
    }

    [Fact]
    public void Pairs_that_differ_only_in_the_last_link_differ_in_the_table_only_there()
    {
        string[] followed = ["stat", "chown", "setxattr", "getxattr", "listxattr", "removexattr"];
        foreach (var name in followed)
        {
            var follows = SyscallTable.Find(name)!;
            var keeps = SyscallTable.Find("l" + name)!;
            Assert.Equal(follows.Args.AsEnumerable(), keeps.Args);
            Assert.Equal(follows.Paths.Single() with { Follow = LinkRule.Never }, keeps.Paths.Single());
        }
    }

    [Fact]
    public void Every_name_that_says_at_takes_a_directory_descriptor()
    {
        var names = SyscallTable.All.Where(static s => AtCall().IsMatch(s.Name) && s.Decision != Decision.Unsupported).ToList();
        Assert.True(names.Count > 20);
        Assert.All(names, static call => Assert.All(call.Paths, p => Assert.True(p.DirFd >= 0, call.Name)));
    }

    [Fact]
    public void Numbers_outside_the_table_are_not_found()
    {
        Assert.Null(SyscallTable.Find(-1));
        Assert.Null(SyscallTable.Find(400));
        Assert.Null(SyscallTable.Find(SyscallTable.Limit));
        Assert.Null(SyscallTable.Find(long.MaxValue));
        Assert.Null(SyscallTable.Find("no_such_call"));
        Assert.Equal(Newest + 1, SyscallTable.Limit);
    }

    public static TheoryData<string> Calls() => [.. SyscallTable.All.Select(static s => s.Name)];

    [GeneratedRegex("(open|stat|access|readlink|mkdir|mknod|chown|chmod|unlink|rename|link|symlink|times|utimens|exec[v]e|xattr)at2?$")]
    private static partial Regex AtCall();
}
