using System.Text;
using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>
/// execve and execveat. The program, the interpreter its first line names and the loader its ELF header names are all found in the view. What the kernel would find by
/// itself is left to it; else the interpreter or loader is executed in its place, with the arguments the kernel would have made.
/// </summary>
internal sealed class ExecCalls(PathArguments paths, MountRules rules, VirtualFetch fetch)
{
    private const int HeaderSize = 256, MaxInterpreters = 5, MaxArguments = 1 << 20;

    private readonly Resolution program = new();
    private readonly byte[] header = new byte[HeaderSize];
    private readonly PathBuffer current = new();
    private readonly PathBuffer currentView = new();
    private readonly PathBuffer given = new();
    private readonly PathBuffer loaderOnHost = new();

    /// <summary>What is put before argv[1] of the guest, outermost first; empty: argv stays.</summary>
    private readonly List<byte[]> prefix = [];

    public Verdict Decide(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        call.Thread.Executing = null;
        call.Thread.ProgramName = null;
        if (!paths.Read(call, argument, 0) || paths.Text(0).IsEmpty)
            return Verdict.Continue;
        var (argv, _) = call.Number == Nr.Execveat ? (2, 3) : (1, 2);
        paths.Resolve(call, argument, 0, PathArguments.Follows(call, argument), examine: true, program);
        if (program.Kind == ResolutionKind.Failed)
            return Verdict.Fail(program.Error);
        if (Lacks(call, out var lacks))
            return lacks;
        if (program.Unexamined)
            return Verdict.Continue;
        if (rules.Refuse(program, PathUse.Execute) is var refusal && refusal != Errno.None)
            return Verdict.Fail(refusal);
        if (UnionAttributes.RefusesExecution(program.Hit))
            return Verdict.Fail(Errno.EACCES);

        given.Set(paths.Text(0));
        if (call.Number == Nr.Execveat && PathArguments.DirFd(call, argument) != At.FdCwd && given.Span[0] != (byte)'/')
            given.Set(program.View.Span);
        var elsewhere = program.Kind == ResolutionKind.Host;
        current.Set(program.Host.Span);
        currentView.Set(program.View.Span);
        prefix.Clear();
        var replaced = elsewhere;
        for (var depth = 0; ; depth++)
        {
            if (depth > MaxInterpreters)
                return Verdict.Fail(Errno.ELOOP);
            var length = ReadHeader();
            if (length >= 2 && header[0] == '#' && header[1] == '!')
            {
                if (!IsExecutable())
                    break;
                if (!ParseFirstLine(header.AsSpan(0, length), out var interpreter, out var option))
                    return elsewhere ? RewriteTo(call, argument.Index, argv) : Verdict.Continue;
                Push(interpreter, option);
                paths.Resolver.Resolve(call.Thread, At.FdCwd, interpreter, follow: true, examine: true, program);
                if (program.Kind == ResolutionKind.Failed)
                    return Verdict.Fail(program.Error);
                if (Lacks(call, out lacks))
                    return lacks;
                if (program.Unexamined)
                    return Verdict.Fail(Errno.ENOENT);
                given.Set(interpreter);
                replaced |= program.Kind == ResolutionKind.Host;
                current.Set(program.Host.Span);
                currentView.Set(program.View.Span);
                elsewhere |= program.Kind == ResolutionKind.Host;
                continue;
            }

            if (length > 64 && ElfHeader.TryReadInterpreter(current.ForKernel(), header, out var loader))
            {
                paths.Resolver.Resolve(call.Thread, At.FdCwd, loader, follow: true, examine: true, program);
                if (Lacks(call, out lacks))
                    return lacks;
                if (program.Kind == ResolutionKind.Host && !IsSameFile(program.Host, loader))
                    return IsExecutable() ? RunLoader(call, argument.Index, argv, loader) : RewriteTo(call, argument.Index, argv);
                if (program.Kind == ResolutionKind.Failed)
                    return Verdict.Fail(program.Error);
            }

            break;
        }

        if (replaced)
            return RewriteTo(call, argument.Index, argv);
        Announce(call.Thread);
        return Verdict.Continue;
    }

    /// <summary>
    /// A program in a virtual file system is executed from its content, which is a descriptor of ours and has a name in /proc. True: that must be fetched first, or it cannot be executed.
    /// </summary>
    private bool Lacks(Call call, out Verdict verdict)
    {
        if (fetch.IsPending(call, program, out verdict))
            return true;
        if (program.Kind != ResolutionKind.Virtual)
            return false;
        var (layer, mount) = (program.Virtual.Layer!, program.Virtual.Mount!);
        if (program.Virtual.Node is not { } node)
        {
            verdict = Verdict.Fail(Errno.ENOENT);
            return true;
        }

        if (fetch.LacksAttributes(call, layer, mount, node, out verdict))
            return true;
        if (call.Thread.Programs is { } known && known.TryGetValue(node, out var fd))
        {
            program.Kind = ResolutionKind.Host;
            program.Host.Set(Encoding.ASCII.GetBytes($"/proc/{Environment.ProcessId}/fd/{fd}"));
            return false;
        }

        var executable = node.Type == FileType.Regular && (node.Attributes!.Value.Mode & 0x49) != 0 && !program.MustBeDirectory;
        if (node.IsLink || !executable)
        {
            verdict = Verdict.Fail(node.IsLink ? Errno.ELOOP : program.MustBeDirectory ? Errno.ENOTDIR : Errno.EACCES);
            return true;
        }

        var who = GuestCaller.Of(call.Thread);
        verdict = fetch.Ask(call, mount, cancel => new NodeOpens(layer).OpenProgramAsync(node, who, cancel));
        return true;
    }

    /// <summary>The kernel is to execute <see cref="current"/> with the arguments gathered so far.</summary>
    private Verdict RewriteTo(Call call, int pathIndex, int argv)
    {
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.Replace(pathIndex, NameToRun(call).ForKernel());
        Announce(call.Thread);
        return ReplaceArguments(call, pending, argv, skip: 1);
    }

    /// <summary>
    /// The name the kernel is to execute: the task is named after its last component, so a link keeps its own name where the kernel finds the same file by it.
    /// </summary>
    private PathBuffer NameToRun(Call call)
    {
        paths.Resolver.Resolve(call.Thread, At.FdCwd, given.Span, follow: false, examine: true, program);
        var same = program.Kind != ResolutionKind.Failed && !program.MustBeDirectory && Files.Stat(program.Host.ForKernel(), out var link) == 0
            && Files.Stat(current.ForKernel(), out var file) == 0 && link.Dev == file.Dev && link.Ino == file.Ino;
        return same ? program.Host : current;
    }

    /// <summary>Notes the view path of what will run, for /proc/PID/exe and maps.</summary>
    private void Announce(GuestThread thread, bool byLoader = false)
    {
        if (!byLoader && thread.Process.Fs.Root.Length == 0 && currentView.Span.SequenceEqual(current.Span))
            return;
        thread.Executing = currentView.Span.ToArray();
        if (thread.Programs is null)
        {
            thread.Process.Names.Remember(current.Span, currentView.Span);
            return;
        }

        // The kernel would call the task after our descriptor's number.
        if (!byLoader)
            thread.ProgramName = BytePath.Name(prefix.Count > 0 ? given.Span : currentView.Span).ToArray();
        var length = Files.ReadLink(current.ForKernel(), header);
        if (length > 0)
            thread.Process.Names.Remember(header.AsSpan(0, (int)length), currentView.Span);
    }

    /// <summary>The loader itself is executed, the way its --argv0 option is made for.</summary>
    private Verdict RunLoader(Call call, int pathIndex, int argv, byte[] loader)
    {
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.Replace(pathIndex, program.Host.ForKernel());
        Announce(call.Thread, byLoader: true);
        if (!ReadArgumentZero(call, argv, out var zero))
            return Verdict.Fail(Errno.EFAULT);
        // After a script the interpreter's name is argv[0] already.
        if (prefix.Count > 0)
        {
            zero = prefix[0];
            prefix.RemoveAt(0);
        }

        prefix.Insert(0, ProcView.Below(currentView.Span, call.Thread.Process.Fs.Root).ToArray());
        if (LoaderOptions.KnowsArgv0(program.Host))
        {
            prefix.Insert(0, zero);
            prefix.Insert(0, "--argv0"u8.ToArray());
        }

        prefix.Insert(0, loader);
        return ReplaceArguments(call, pending, argv, skip: 1);
    }

    private Verdict ReplaceArguments(Call call, PendingCall pending, int argv, int skip)
    {
        if (prefix.Count == 0)
            return Verdict.Rewrite;
        var pointers = new List<long>();
        if (call.Args[argv] != 0 && !ReadPointers(call, call.Args[argv], pointers))
            return Verdict.Fail(pointers.Count >= MaxArguments ? Errno.E2BIG : Errno.EFAULT);
        var offsets = new int[prefix.Count];
        for (var i = 0; i < prefix.Count; i++)
            offsets[i] = pending.Stage([.. prefix[i], 0]);
        var table = new byte[(prefix.Count + Math.Max(0, pointers.Count - skip) + 1) * 8];
        for (var i = 0; i < prefix.Count; i++)
            BitConverter.TryWriteBytes(table.AsSpan(i * 8), (long)offsets[i]);
        for (var i = skip; i < pointers.Count; i++)
            BitConverter.TryWriteBytes(table.AsSpan((prefix.Count + i - skip) * 8), pointers[i]);
        var at = pending.Stage(table);
        for (var i = 0; i < prefix.Count; i++)
            pending.Relocations.Add(at + (i * 8));
        pending.Point(argv, at);
        return Verdict.Rewrite;
    }

    /// <summary>A script line was read: what the kernel makes of argv (fs/binfmt_script.c): interpreter, its one option, the script's name, then argv[1]….</summary>
    private void Push(byte[] interpreter, byte[]? option)
    {
        if (prefix.Count > 0)
            prefix.RemoveAt(0);
        prefix.Insert(0, given.Span.ToArray());
        if (option is not null)
            prefix.Insert(0, option);
        prefix.Insert(0, interpreter);
    }

    private int ReadHeader()
    {
        var fd = Files.Open(current.ForKernel(), OpenFlag.CloExec | OpenFlag.NonBlock | OpenFlag.NoCtty);
        if (fd < 0)
            return 0;
        var length = Files.Stat(fd, out var stat) == 0 && stat.IsRegular ? Files.ReadAll(fd, header) : 0;
        Files.Close(fd);
        return (int)Math.Max(0, length);
    }

    /// <summary>Whether the kernel, which looks on the host, finds the very loader the view shows.</summary>
    private bool IsSameFile(PathBuffer inView, ReadOnlySpan<byte> onHost)
    {
        loaderOnHost.Set(onHost);
        return Files.Stat(inView.ForKernel(), out var one) == 0 && Files.Stat(loaderOnHost.ForKernel(), out var other) == 0
            && one.Dev == other.Dev && one.Ino == other.Ino;
    }

    private bool IsExecutable() =>
        Files.Access(current.ForKernel(), 1, At.EAccess) == 0 && Files.Stat(current.ForKernel(), out var stat) == 0 && stat.IsRegular;

    /// <summary>"#!", blanks, interpreter, blanks, everything else up to the line's end as one option (execve(2)).</summary>
    internal static bool ParseFirstLine(ReadOnlySpan<byte> header, out byte[] interpreter, out byte[]? option)
    {
        option = null;
        interpreter = [];
        var line = header[2..];
        // Strings end at a NUL, for the kernel as for the interpreter.
        var end = line.IndexOfAny((byte)'\n', (byte)0);
        if (end >= 0)
            line = line[..end];
        line = line.Trim(" \t"u8);
        if (line.IsEmpty)
            return false;
        var blank = line.IndexOfAny((byte)' ', (byte)'\t');
        // A name cut off by the header's size is not executed.
        if (blank < 0 && end < 0 && header.Length == HeaderSize)
            return false;
        interpreter = (blank < 0 ? line : line[..blank]).ToArray();
        if (blank >= 0)
            option = line[blank..].Trim(" \t"u8).ToArray();
        return true;
    }

    private static bool ReadArgumentZero(Call call, int argv, out byte[] zero)
    {
        zero = [];
        if (call.Args[argv] == 0)
            return true;
        if (GuestMemory.Read(call.Thread.Tid, call.Args[argv], out long pointer) != Errno.None)
            return false;
        if (pointer == 0)
            return true;
        var buffer = new byte[131072];
        if (GuestMemory.ReadString(call.Thread.Tid, pointer, buffer, out var length) != Errno.None)
            return false;
        zero = buffer[..length];
        return true;
    }

    private static bool ReadPointers(Call call, long address, List<long> pointers)
    {
        while (pointers.Count < MaxArguments)
        {
            if (GuestMemory.Read(call.Thread.Tid, address + (pointers.Count * 8L), out long pointer) != Errno.None)
                return false;
            if (pointer == 0)
                return true;
            pointers.Add(pointer);
        }

        return false;
    }
}
