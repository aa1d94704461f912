using System.Text;
using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Reads that end with an error the kernel's object would not give.</summary>
internal sealed partial class Tracer
{
    private readonly byte[] linkText = new byte[64];
    private readonly HashSet<GuestThread> endingReads = [];
    private EndOfReads? endOfReads;
    private readonly Queue<EndOfReads> furtherEnds = new();

    private sealed record EndOfReads(byte[] Link, Errno Error, ServedMount? Mount, Action Done);

    /// <summary>
    /// Threads that wait in a read of the socket with this inode number come back with the error, and the data calls of their processes, which served <paramref name="mount"/>, are trapped from now on.
    /// <paramref name="done"/> is called when all have.
    /// </summary>
    public void EndReads(ulong inode, Errno error, ServedMount? mount, Action done)
    {
        furtherEnds.Enqueue(new(Encoding.ASCII.GetBytes($"socket:[{inode}]"), error, mount, done));
        if (endOfReads is null)
            BeginEndOfReads();
    }

    private void BeginEndOfReads()
    {
        while (endOfReads is null && furtherEnds.TryDequeue(out var next))
        {
            endOfReads = next;
            foreach (var process in processes.Values)
            {
                if (!ProcDescriptors.Any(process.Pid, entry => IsLink(entry, next.Link)))
                    continue;
                process.Wanted |= FilterStage.Data | FilterStage.Naming;
                process.Served = next.Mount;
                foreach (var thread in process.Threads)
                {
                    if (!thread.InVfork && thread.State is not GuestState.AwaitingLayer && Ptrace.Request(PtraceRequest.Interrupt, thread.Tid) == 0)
                    {
                        thread.EndsRead = true;
                        endingReads.Add(thread);
                    }
                }
            }

            ReadEnded(null);
        }
    }

    private void ReadEnded(GuestThread? thread)
    {
        if (thread is not null)
        {
            thread.EndsRead = false;
            endingReads.Remove(thread);
        }

        if (endingReads.Count > 0 || endOfReads is not { } ended)
            return;
        endOfReads = null;
        ended.Done();
        if (thread is not null)
            BeginEndOfReads();
    }

    /// <summary>At an event stop: a read that the kernel would restart gets the error instead.</summary>
    private void EndRead(GuestThread thread)
    {
        if (endOfReads is { } end && Ptrace.GetRegs(thread.Tid, out var regs) == 0 && regs.Rax == -(long)Errno.ERESTARTSYS
            && regs.OrigRax is Nr.Read or Nr.Readv or Nr.Recvmsg or Nr.Recvfrom or Nr.Splice && IsLink($"/proc/{thread.Tid}/fd/{(int)regs.Rdi}", end.Link))
            Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, -(long)end.Error);
        ReadEnded(thread);
    }

    private bool IsLink(string path, byte[] link)
    {
        var length = Files.ReadLink(Encoding.ASCII.GetBytes(path + '\0'), linkText);
        return length == link.Length && linkText.AsSpan(0, link.Length).SequenceEqual(link);
    }
}
