using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>
/// The hypervisor's own signals. What the terminal sends is meant for the guests, so INT and QUIT are ignored here (by raw sigaction, so that the runtime is not asked); a child's
/// stop needs no signal, the tracer waits for it.
/// </summary>
internal static unsafe class SignalSetup
{
    private const int SigInt = 2, SigQuit = 3, SigChld = 17;
    private const long Ignore = 1, Default = 0, NoChildStop = 1;

    public static void KeepFromHypervisor()
    {
        Set(SigInt, Ignore, 0);
        Set(SigQuit, Ignore, 0);
        Set(SigChld, Default, NoChildStop);
    }

    /// <summary>TERM and HUP are passed on to the first process; the second one ends the run.</summary>
    public static IDisposable Forward(Action<int> first, Action second)
    {
        var count = 0;
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref count) == 1)
                first(context.Signal == PosixSignal.SIGHUP ? 1 : 15);
            else
                second();
        }

        return new Pair(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle));
    }

    private static void Set(int signal, long handler, long flags)
    {
        // struct sigaction of the kernel: handler, flags, restorer, mask.
        var action = stackalloc long[4] { handler, flags, 0, 0 };
        Sys.Call(Nr.RtSigaction, signal, (long)action, 0, 8);
    }

    private sealed class Pair(IDisposable one, IDisposable other) : IDisposable
    {
        public void Dispose()
        {
            one.Dispose();
            other.Dispose();
        }
    }
}
