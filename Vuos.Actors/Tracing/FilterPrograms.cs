using Vuos.Actors.Guests;
using Vuos.Native.Control;
using Vuos.Native.Kernel;
using Vuos.Native.Seccomp;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Tracing;

/// <summary>The filters a guest gets, derived from the system call table.</summary>
internal static class FilterPrograms
{
    /// <summary>Calls trapped from the start, because a run must see them even with no module loaded.</summary>
    private static readonly int[] Always =
    [
        Nr.Chroot, Nr.Unshare, Nr.Setns,
    ];

    /// <summary>The program that adds <paramref name="stages"/>; hot naming calls notify if <paramref name="notify"/>, all else stops.</summary>
    public static BpfInstruction[] Build(FilterStage stages, bool notify)
    {
        var builder = new FilterBuilder();
        if (stages.HasFlag(FilterStage.Control))
            builder.On(ControlProtocol.Base, ControlProtocol.Base + ControlProtocol.Count - 1, SeccompAction.Trace());
        foreach (var row in SyscallTable.All)
        {
            if (StageOf(row) is var stage && stage != FilterStage.None && stages.HasFlag(stage))
            {
                var action = row.Decision == Decision.Unsupported ? SeccompAction.Fail(row.Refusal)
                    : row.Hot && notify ? SeccompAction.Notify : SeccompAction.Trace();
                if (row.Number == Nr.Sendto)
                    builder.On(row.Number, ArgTest.NotZero(4), action);
                else
                    builder.On(row.Number, action);
            }
        }

        return builder.Default(SeccompAction.Allow).Build();
    }

    /// <summary>The stage that traps a call; None: never trapped.</summary>
    public static FilterStage StageOf(SyscallInfo row) => row.Decision switch
    {
        Decision.Mount => FilterStage.Control,
        Decision.Process when Array.IndexOf(Always, row.Number) >= 0 => FilterStage.Control,
        Decision.Process when row.Number is Nr.Chdir or Nr.Fchdir or Nr.Getcwd or Nr.LandlockRestrictSelf => FilterStage.Naming,
        Decision.Path or Decision.Exec or Decision.Unsupported => FilterStage.Naming,
        Decision.Identity => FilterStage.Naming,
        Decision.Network when row.Number is Nr.Bind or Nr.Connect or Nr.Sendto => FilterStage.Naming,
        Decision.Descriptor => FilterStage.Descriptors,
        _ => FilterStage.None,
    };
}
