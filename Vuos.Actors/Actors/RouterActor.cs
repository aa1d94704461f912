using Akka.Actor;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;

namespace Vuos.Actors.Actors;

/// <summary>
/// Publishes the routing table after each change; the only writer. Supervised by <see cref="HypervisorActor"/>, on the layers' dispatcher; its state is the published value, so a
/// restart loses nothing.
/// </summary>
internal sealed class RouterActor : AnsweringActor
{
    public RouterActor(PublishedView view, IActorRef tracer)
    {
        Receive<PublishLayer>(message =>
        {
            view.Table = Added(view.Table, message.Mount);
            tracer.Tell(new TableChanged(Needs(view.Table), message.Caller, message.Warning));
        });
        Receive<ReplaceLayer>(message =>
        {
            view.Table = view.Table.Replace(message.Mount);
            tracer.Tell(new TableChanged(Needs(view.Table), message.Caller));
        });
        Receive<RenameNames>(message =>
        {
            view.Table = view.Table.Renamed(message.From, message.To);
            tracer.Tell(new TableChanged(FilterStage.None, message.Caller));
        });
        Receive<WithdrawLayer>(message =>
        {
            view.Table = message.Detached
                ? view.Table.Replace(message.Mount with { Detached = true })
                : Removed(view.Table, message.Mount);
            tracer.Tell(new TableChanged(FilterStage.None, message.Caller));
        });
    }

    /// <summary>The table with a layer, and with its source hidden when it was moved.</summary>
    public static RoutingTable Added(RoutingTable table, Mount mount)
    {
        table = table.With(mount);
        return mount.HidesSource
            ? table.With(mount with { Epoch = mount.Epoch + 1, Target = mount.Source!, Source = null, HidesSource = false, Except = [] })
            : table;
    }

    /// <summary>What must be trapped while this table is in force.</summary>
    public static FilterStage Needs(RoutingTable table) =>
        FilterStage.Control | (table.IsEmpty ? 0 : FilterStage.Naming) | (table.AnyReadOnly || table.AnyUnion || table.AnyVirtual ? FilterStage.Descriptors : 0)
        | (table.AnyUnion || table.AnyVirtual ? FilterStage.Unions : 0) | (table.AnyVirtual ? FilterStage.Virtual : 0);

    private static RoutingTable Removed(RoutingTable table, Mount mount)
    {
        table = table.Without(mount);
        return mount.HidesSource ? table.Without(mount with { Epoch = mount.Epoch + 1 }) : table;
    }
}
