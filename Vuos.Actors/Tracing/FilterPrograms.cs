using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Control;
using Vuos.Native.InGuest;
using Vuos.Native.Kernel;
using Vuos.Native.Seccomp;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Tracing;

/// <summary>The filters a guest gets, derived from the system call table.</summary>
internal static class FilterPrograms
{
    /// <summary>__X32_SYSCALL_BIT.</summary>
    private const int X32Bit = 0x40000000;

    private const uint AfUnix = 1;

    private const uint PrSetSeccomp = 22, SetModeStrict = 0, SetModeFilter = 1;

    private const ulong MapAnonymous = 0x20;

    /// <summary>Calls trapped from the start, because a run must see them even with no module loaded.</summary>
    private static readonly int[] Always =
    [
        Nr.Chroot, Nr.Unshare, Nr.Setns, Nr.Clone,
    ];

    /// <summary>Data of our RET_TRACE, by which its stops are told from those of a guest's own filter.</summary>
    public const ushort Mark = 0x7655;

    /// <summary>The program that adds <paramref name="stages"/>; hot calls notify if <paramref name="notify"/>, all else stops.</summary>
    public static BpfInstruction[] Build(FilterStage stages, bool notify)
    {
        var builder = new FilterBuilder().AllowInstructionRange(InGuestCode.Base, InGuestCode.Base + InGuestCode.AllowedSize - 1, InGuestCode.Calls);
        if (stages.HasFlag(FilterStage.Control))
            builder.On(ControlProtocol.Base, ControlProtocol.Base + ControlProtocol.Count - 1, SeccompAction.Trace(Mark));
        foreach (var row in SyscallTable.All)
        {
            if (AlwaysIn(row.Number) is var always && always != FilterStage.None && stages.HasFlag(always))
            {
                builder.On(row.Number, SeccompAction.Trace(Mark));
            }
            else if (StageOf(row) is var stage && stage != FilterStage.None && stages.HasFlag(stage))
            {
                var action = row.Decision == Decision.Unsupported ? SeccompAction.Fail(row.Refusal)
                    : row.Hot && notify ? SeccompAction.Notify : SeccompAction.Trace(Mark);
                // Memory that is of no file.
                if (row.Number == Nr.Mmap)
                    builder.On(row.Number, ArgTest.AnyBit(3, MapAnonymous), SeccompAction.Allow);
                if (Only(row.Number) is { } test)
                    builder.On(row.Number, test, action);
                else
                    builder.On(row.Number, action);
            }
        }

        // The x32 numbers of the same calls would go around the rules above; a kernel without x32 gives the same answer.
        if (stages.HasFlag(FilterStage.Naming))
            builder.On(X32Bit, X32Bit + 0x3FF, SeccompAction.Fail(Errno.ENOSYS));

        return builder.Default(SeccompAction.Allow).Build();
    }

    /// <summary>The stage that traps a call; None: never trapped.</summary>
    public static FilterStage StageOf(SyscallInfo row) => row.Decision switch
    {
        Decision.Mount => FilterStage.Control,
        Decision.Process when Array.IndexOf(Always, row.Number) >= 0 => FilterStage.Control,
        Decision.Process when row.Number == Nr.ExitGroup => FilterStage.Closing,
        Decision.Process when row.Number is Nr.Chdir or Nr.Fchdir or Nr.Getcwd or Nr.LandlockRestrictSelf or Nr.Seccomp or Nr.Prctl => FilterStage.Naming,
        Decision.Path or Decision.Exec or Decision.Unsupported => FilterStage.Naming,
        Decision.Identity => FilterStage.Naming,
        Decision.Network => row.Number switch
        {
            Nr.Socket or Nr.Bind or Nr.Connect or Nr.Sendto => FilterStage.Naming,
            Nr.Sendmsg or Nr.Sendmmsg => FilterStage.Messages,
            _ => FilterStage.SocketNames,
        },
        Decision.Descriptor => row.Number switch
        {
            Nr.Lseek or Nr.Mmap or Nr.Sendfile or Nr.Splice or Nr.CopyFileRange => FilterStage.Data,
            var transfer when ByteTransfer.Is(transfer) => FilterStage.Data,
            Nr.Close or Nr.Dup2 or Nr.Dup3 or Nr.Msync => FilterStage.Closing,
            Nr.Fsync or Nr.Fdatasync or Nr.Syncfs or Nr.SyncFileRange or Nr.Fstatfs or Nr.Fgetxattr or Nr.Flistxattr => FilterStage.Virtual,
            _ => row.Hot ? FilterStage.Unions : FilterStage.Descriptors,
        },
        _ => FilterStage.None,
    };

    /// <summary>A second stage that traps a call, whatever its arguments; None: there is none.</summary>
    private static FilterStage AlwaysIn(int number) => number switch
    {
        // Where the content is not all in memory, what the kernel would do to the memory is not enough.
        Nr.Ftruncate or Nr.Fallocate => FilterStage.Data,
        // Every request, not only those that a read-only layer refuses.
        Nr.Ioctl => FilterStage.Devices,
        _ => FilterStage.None,
    };

    /// <summary>What an argument must be for the call to matter; null: it always does.</summary>
    private static ArgTest? Only(int number) => number switch
    {
        Nr.Clone => ArgTest.AnyBit(0, (ulong)CloneFlags.Untraced),
        Nr.Prctl => ArgTest.LowIn(0, PrSetSeccomp),
        Nr.Seccomp => ArgTest.LowIn(0, SetModeStrict, SetModeFilter),
        Nr.Ioctl => ArgTest.LowIn(1, InodeIoctl.Changes),
        Nr.Socket => ArgTest.LowIn(0, AfUnix),
        Nr.Accept or Nr.Accept4 => ArgTest.NotZero(1),
        Nr.Sendto or Nr.Recvfrom => ArgTest.NotZero(4),
        _ => null,
    };
}
