using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.InGuest;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>What was opened through layers without a trap is remembered by its view name (<see cref="NameMemory"/>) before anybody asks: guests log it (<see cref="InGuestLog"/>).</summary>
internal sealed partial class Tracer
{
    private const int MostLate = 16;

    private readonly byte[] logged = new byte[InGuestLog.Slots * InGuestLog.SlotSize];
    private readonly byte[] workingDirectory = new byte[4096];
    private readonly PathBuffer openedAs = new(), openedIs = new();

    // Whoever made them: directories may be called otherwise from then on.
    private long renames;

    /// <summary>As <see cref="FindProcess"/>, for who wants to know names of files the process has open.</summary>
    public GuestProcess? FindNamedProcess(int pid)
    {
        var process = FindProcess(pid);
        if (process is not null)
            Collect(process);
        return process;
    }

    /// <summary>All processes, for who wants to know names of files they have open.</summary>
    public IEnumerable<GuestProcess> NamedProcesses()
    {
        CollectAll();
        return processes.Values;
    }

    private void CollectAll()
    {
        foreach (var process in processes.Values)
            Collect(process);
    }

    /// <summary>Reads what a process has logged since it was last looked at. Before each of its trapped calls is decided, so that working directories are those of the calls.</summary>
    private void Collect(GuestProcess process)
    {
        if (process.Memory.InGuest is not { IsMapped: true, Logs: true } space || inGuest is null)
            return;
        if (TryReach(process, out var tid, out var tail) && (tail != space.LogHead || space.LateEntries.Count > 0))
            ReadLog(process, space, tid, tail);
    }

    private void ReadLog(GuestProcess process, InGuestSpace space, int tid, uint tail)
    {
        for (var i = space.LateEntries.Count - 1; i >= 0; i--)
        {
            var position = space.LateEntries[i];
            var slot = logged.AsSpan(0, InGuestLog.SlotSize);
            if (tail - position < InGuestLog.Slots && (GuestMemory.Read(tid, InGuestCode.Base + InGuestLog.OffsetOf(position), slot) != Errno.None || !Remember(process, tid, slot, position)))
                continue;
            space.LateEntries.RemoveAt(i);
        }

        if (tail == space.LogHead)
            return;
        // A guest that has written over what was not read has lost it.
        var head = tail - space.LogHead > InGuestLog.Slots ? tail - InGuestLog.Slots : space.LogHead;
        while (head != tail)
        {
            var offset = InGuestLog.OffsetOf(head);
            var count = (int)Math.Min(tail - head, (uint)(InGuestLog.Slots - head % InGuestLog.Slots));
            var slots = logged.AsSpan(0, count * InGuestLog.SlotSize);
            if (GuestMemory.Read(tid, InGuestCode.Base + offset, slots) != Errno.None)
                break;
            for (var i = 0; i < count; i++, head++)
            {
                if (!Remember(process, tid, slots.Slice(i * InGuestLog.SlotSize, InGuestLog.SlotSize), head) && space.LateEntries.Count < MostLate)
                    space.LateEntries.Add(head);
            }
        }

        space.LogHead = tail;
        Write(tid, InGuestLayout.Head, tail);
    }

    /// <summary>Remembers what one slot says. False: nothing yet.</summary>
    private bool Remember(GuestProcess process, int tid, ReadOnlySpan<byte> slot, uint position)
    {
        if (!InGuestLog.TryRead(slot, position, out var entry))
            return false;
        openedAs.Clear();
        openedIs.Clear();
        var directory = BytePath.Parent(entry.Text);
        switch (entry.Kind)
        {
            case LogKind.FromDirectory:
                openedIs.PushAll(directory);
                process.Names.DirectoryName(openedIs.Span, openedAs);
                break;
            case LogKind.FromCwd:
                if (process.Fs.Cwd is null && Files.ReadLink(System.Text.Encoding.ASCII.GetBytes($"/proc/{tid}/cwd\0"), workingDirectory) is > 0 and var length)
                    process.Fs.Enter(workingDirectory[..(int)length]);
                openedAs.Set(process.Fs.Cwd);
                openedAs.PushAll(directory);
                break;
            default:
                openedAs.PushAll(entry.Text);
                break;
        }

        if (entry.Kind != LogKind.FromDirectory && !inGuest!.Table.Translate(openedAs.Span, openedIs, out _))
            return true;
        ReadOnlySpan<byte> file = entry.Kind == LogKind.InView || BytePath.Name(entry.Text) is [] or [(byte)'.'] ? [] : BytePath.Name(entry.Text);
        Remember(process.Names, file);
        if (process.Memory.Users == process.Threads.Count)
            return true;
        // It may have been a child in vfork, or its parent.
        foreach (var other in processes.Values)
        {
            if (other != process && other.Memory == process.Memory)
                Remember(other.Names, file);
        }

        return true;
    }

    private void Remember(NameMemory names, ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
            names.Remember(openedIs.Span, openedAs.Span);
        else
            names.RememberBase(openedIs.Span, openedAs.Span, file);
    }

    /// <summary>What was logged once is not again until it has another name, or was forgotten.</summary>
    private void ForgetKnown(GuestProcess process)
    {
        if (process.Memory.InGuest is not { IsMapped: true, Logs: true } space)
            return;
        var known = (process.Names, process.Names.Losses, process.Fs.Cwd, renames);
        if (space.Known == known)
            return;
        space.Known = known;
        Span<byte> nothing = stackalloc byte[InGuestLayout.KnownEnd - InGuestLayout.KnownBases];
        nothing.Clear();
        // Neither a path nor none: the first file of that name is logged.
        nothing[(InGuestLayout.Known - InGuestLayout.KnownBases)..].Fill(1);
        if (TryReach(process, out var tid, out _))
            GuestMemory.Write(tid, InGuestCode.Base + InGuestLayout.KnownBases, nothing);
    }

    /// <summary>A child begins with an empty log: what was in it when its memory was copied its parent has remembered.</summary>
    private static void ForgetLog(GuestThread child, InGuestSpace space, CloneFlags flags)
    {
        if (flags.HasFlag(CloneFlags.Vm) || !space.Logs || GuestMemory.Read(child.Tid, InGuestCode.Base + InGuestLayout.Tail, out uint tail) != Errno.None)
            return;
        space.LogHead = tail;
        Write(child.Tid, InGuestLayout.Head, tail);
    }
}
