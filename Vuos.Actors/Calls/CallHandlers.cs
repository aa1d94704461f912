using Vuos.Actors.Actors;
using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
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
        var fetch = new VirtualFetch(control);
        var status = new VirtualStatus(fetch);
        var virtualAttributes = new VirtualAttributes(fetch, new VirtualExtended(fetch));
        var virtualDescriptors = new VirtualDescriptors(resolver, fetch, status, virtualAttributes, new VirtualData(resolver, view, fetch), new VirtualSpace(resolver, fetch));
        var descriptors = new DescriptorCalls(resolver, unionDescriptors, new UnionDirectories(unionDescriptors, planner), virtualDescriptors);
        var links = new DescriptorLinks(unionDescriptors, findProcess);
        var rules = new MountRules(resolver, descriptors, findProcess);
        var proc = new ProcView(resolver, findProcess);
        var generic = new PathCalls(paths, rules, descriptors, links, new UnionCalls(planner, new UnionRenames(view, planner), attributes),
            new VirtualPaths(fetch, status, virtualAttributes));
        var names = new SocketNames();
        return new CallHandlers(
            generic, new LookupCalls(paths, proc, links, unionDescriptors, status, descriptors),
            new OpenCalls(paths, rules, proc, links, new UnionOpens(planner), new VirtualOpens(fetch, view.Virtual.Places)), new ExecCalls(paths, rules, fetch),
            new DirectoryCalls(paths, fetch), new SocketCalls(new SocketAddresses(paths, rules, names, planner, new VirtualSockets(fetch, view.Virtual.Places)), names, control), descriptors,
            new MountCalls(paths, view, control, new MountUsage(view, processes), generic, fetch, sealedRun), new ControlCalls(view, control, tags, new HostName()));
    }
}
