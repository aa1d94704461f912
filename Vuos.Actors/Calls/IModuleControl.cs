using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Calls;

/// <summary>What guest calls ask of the actors; each request is answered later by completing the waiting thread's call. Called on the tracer thread.</summary>
internal interface IModuleControl
{
    void Load(GuestThread caller, string name, bool permanent);

    void Unload(GuestThread caller, string name);

    void Mount(GuestThread caller, LoadedModule module, MountSpecification request);

    /// <param name="detach">Newer layers go on seeing it.</param>
    /// <param name="force">A virtual file system is ended without waiting for it.</param>
    void Unmount(GuestThread caller, Mount mount, bool detach, bool force);

    /// <summary>A virtual file system is not seen any more, and ends when it is used no more (MNT_DETACH of umount2(2)).</summary>
    /// <param name="isUsed">Asked on the tracer thread, now and then.</param>
    void Detach(GuestThread caller, Mount mount, Func<bool> isUsed);

    void Replace(GuestThread caller, Mount mount);

    /// <summary>The call is answered, or decided again, when the layer's actor has done it.</summary>
    void Ask(GuestThread caller, Mount layer, UnionRequest request);

    /// <summary>The same of a virtual file system: the work runs on another thread, many at once.</summary>
    /// <param name="brief">The work is a request to the file system and little else: where that only sends (<see cref="ISends"/>), it is sent at once.</param>
    void Ask(GuestThread caller, Mount layer, Func<CancellationToken, ValueTask<VirtualAnswer>> work, bool brief = false);
}

/// <summary>Answers to a waiting call.</summary>
/// <param name="Error">None: the call returns 0.</param>
/// <param name="Sentence">Kept for the caller's GetLastError.</param>
internal readonly record struct ControlAnswer(Errno Error, string Sentence = "");
