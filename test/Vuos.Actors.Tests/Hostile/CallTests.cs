using CsCheck;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Running;
using Vuos.Actors.Tests.Actors;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Tracing;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Control;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tests.Hostile;

/// <summary>Any call with any arguments is decided: no exception, no loop, and errors are errors of the kernel's range.</summary>
public sealed class CallTests
{
    [Fact]
    public void Any_call_with_any_arguments_is_decided()
    {
        using var folder = new TempDirectory();
        folder.Folder("source");
        folder.File("source/file", Make.Bytes("#!/bin/sh\n"));
        var target = folder.Folder("target");
        using var victim = new Victim(
            target, target + "/file", target + "/../target/./file/", target + "/none", "/proc/self/exe", "/proc/self/fd/0", "/proc/self/mountinfo", "relative",
            "vufs", "ro,except=/x", new string('x', 5000), "/" + new string('y', 300), "/proc/1/root/..", "\u0001", "unix\u0002/path");
        var router = Router(folder, victim, out var view);
        var address = Gen.OneOf(
            Gen.OneOf(0L, -1, 1, long.MaxValue, long.MinValue, victim.Stack & ~4095),
            Gen.Long[victim.ArgumentsStart, victim.ArgumentsEnd],
            Gen.Int[0, 15].Select(i => victim.ArgumentsStart + i),
            Gen.Long[0, 64].Select(static bits => 1L << (int)bits),
            Gen.OneOf(-100L, 0x20000, 0x80000, 0x1000, 0x100),
            Gen.Long);
        var number = Gen.Frequency((9, Gen.OneOf([.. SyscallTable.All.Select(static s => s.Number)])), (1, Gen.Int[ControlProtocol.Base - 1, ControlProtocol.Base + 8]), (1, Gen.Int));
        var verdicts = new HashSet<VerdictKind>();
        Gen.Select(number, address.Array[6], Gen.Bool).Sample(
            (nr, arguments, notified) =>
            {
                victim.Guest.Process.Foreign = false;
                var call = new Call { Thread = victim.Guest, Number = nr, Notified = notified, Listener = -1, StackPointer = notified ? 0 : victim.Stack };
                for (var i = 0; i < 6; i++)
                    call.Args[i] = arguments[i];
                var verdict = router.Decide(call);
                verdicts.Add(verdict.Kind);
                Assert.True(verdict.Kind != VerdictKind.Answer || verdict.Value >= -4095, $"{verdict}");
            },
            iter: 30_000,
            threads: 1);
        // Every way a call can go was taken.
        Assert.Equal(4, verdicts.Count);
        Assert.Single(view.Table.Mounts);
    }

    [Fact]
    public void A_string_without_end_or_at_the_edge_of_memory_is_an_error()
    {
        using var victim = new Victim(new string('x', 9000), "y");
        var buffer = new byte[4096];
        Assert.Equal(Errno.EFAULT, GuestMemory.ReadString(victim.Guest.Tid, 0, buffer, out _));
        Assert.Equal(Errno.EFAULT, GuestMemory.ReadString(victim.Guest.Tid, -1, buffer, out _));
        Assert.Equal(Errno.EFAULT, GuestMemory.ReadString(victim.Guest.Tid, long.MinValue, buffer, out _));
        Assert.Equal(Errno.ENAMETOOLONG, GuestMemory.ReadString(victim.Guest.Tid, victim.ArgumentsStart + 20, buffer, out _));
        Assert.Equal(Errno.None, GuestMemory.ReadString(victim.Guest.Tid, victim.ArgumentsEnd - 2, buffer, out var length));
        Assert.Equal("y", Make.Text(buffer.AsSpan(0, length)));
    }

    private static CallRouter Router(TempDirectory folder, Victim victim, out PublishedView view)
    {
        var queue = new TracerQueue();
        queue.Bind(static () => { });
        var fake = new FakeTracer(queue);
        fake.Guests[victim.Guest.Tid] = victim.Guest;
        view = new PublishedView
        {
            Modules = [new LoadedModule(new VufsModule(), Permanent: false)],
            Table = Make.Table(Make.Mount(1, folder.At("source"), folder.At("target")) with { ReadOnly = true }),
        };
        GuestProcess? Find(int pid) => pid == victim.Guest.Tid ? victim.Guest.Process : null;
        var control = new ModuleControl(fake, view);
        var handlers = CallHandlers.Create(view, new PathResolver(view, Find), control, Find, () => [victim.Guest.Process],
            DebugOutput.None(new RunLog(Serilog.Core.Logger.None)), new DebugTags { Active = "" }, sealedRun: false);
        return new CallRouter(handlers, view, control, sealedRun: false);
    }
}
