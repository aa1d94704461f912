using Vuos.Actors.Actors;
using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Actors.Views;

namespace Vuos.Actors.Calls;

/// <summary>The handlers a router sends calls to.</summary>
internal sealed record CallHandlers(PathCalls Paths, LookupCalls Lookups, OpenCalls Opens, ExecCalls Execs, DirectoryCalls Directories,
    SocketCalls Sockets, DescriptorCalls Descriptors, MountCalls Mounts, ControlCalls Controls)
{
    /// <summary>Puts the handlers of one run together.</summary>
    public static CallHandlers Create(PublishedView view, PathResolver resolver, ModuleControl control, Func<int, GuestProcess?> findProcess,
        Func<IEnumerable<GuestProcess>> processes, DebugOutput debug, DebugTags tags, bool sealedRun)
    {
        var paths = new PathArguments(resolver, debug);
        var planner = new UnionPlanner(view, control);
        var attributes = new UnionAttributes(planner);
        var unionDescriptors = new UnionDescriptors(resolver, planner, attributes);
        var descriptors = new DescriptorCalls(resolver, unionDescriptors, new UnionDirectories(unionDescriptors, planner));
        var rules = new MountRules(resolver, descriptors, findProcess);
        var proc = new ProcView(resolver, findProcess);
        var generic = new PathCalls(paths, rules, descriptors, new UnionCalls(planner, new UnionRenames(view, planner), attributes));
        var names = new SocketNames();
        return new CallHandlers(
            generic, new LookupCalls(paths, proc, unionDescriptors), new OpenCalls(paths, rules, proc, new UnionOpens(planner), descriptors), new ExecCalls(paths, rules),
            new DirectoryCalls(paths), new SocketCalls(new SocketAddresses(paths, rules, names, planner), names, control), descriptors,
            new MountCalls(paths, view, control, new MountUsage(view, processes), generic, sealedRun), new ControlCalls(view, control, tags, new HostName()));
    }
}
