using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;

namespace Vuos.Actors.Tests.Actors;

public sealed class ModulesActorTests : ActorTest
{
    private readonly PublishedView view = new();
    private readonly Akka.TestKit.TestProbe router;
    private readonly IActorRef modules;

    public ModulesActorTests()
    {
        router = CreateTestProbe();
        var to = router.Ref;
        modules = Sys.ActorOf(Props.Create(() => new ModulesActor(view, to)));
    }

    [Fact]
    public void A_known_module_is_loaded_and_listed()
    {
        Load("vufs", Errno.None);
        Assert.Equal("vufs", Assert.Single(view.Modules).Module.Name);
        Assert.NotNull(view.Claims("vufs"));
        Assert.Null(view.Claims("ext4"));
    }

    [Fact]
    public void A_module_that_does_not_exist_gives_ENOENT()
    {
        Load("vumars", Errno.ENOENT);
        Unload("vumars", Errno.ENOENT);
        Assert.Empty(view.Modules);
    }

    [Fact]
    public void A_module_is_loaded_once_else_EEXIST()
    {
        Load("vufs", Errno.None);
        Load("vufs", Errno.EEXIST);
        Assert.Single(view.Modules);
    }

    [Fact]
    public void A_module_with_layers_gives_EBUSY_until_they_are_gone()
    {
        Load("vufs", Errno.None);
        view.Table = view.Table.With(Make.Mount(1, "/a", "/b"));
        Unload("vufs", Errno.EBUSY);
        view.Table = RoutingTable.Empty;
        Unload("vufs", Errno.None);
        Assert.Empty(view.Modules);
    }

    [Fact]
    public void A_permanent_module_gives_EBUSY()
    {
        Load("vufs", Errno.None, permanent: true);
        Unload("vufs", Errno.EBUSY);
        Assert.Single(view.Modules);
    }

    [Fact]
    public void A_module_can_be_loaded_again_after_it_was_unloaded()
    {
        Load("vufs", Errno.None);
        Unload("vufs", Errno.None);
        Load("vufs", Errno.None);
    }

    [Fact]
    public void A_mount_of_a_module_that_is_not_loaded_gives_ENODEV()
    {
        modules.Tell(new MountLayer("vufs", Request("/"), TestActor));
        Assert.Equal(Errno.ENODEV, ExpectMsg<ControlAnswer>(Soon).Error);
    }

    [Fact]
    public void A_mount_goes_to_its_module_and_from_there_to_the_router()
    {
        using var folder = new TempDirectory();
        Load("vufs", Errno.None);
        modules.Tell(new MountLayer("vufs", Request(folder.Path), TestActor));
        var published = router.ExpectMsg<PublishLayer>(Soon);
        Assert.Equal(folder.Path, Make.Text(published.Mount.Target));
        Assert.Equal(TestActor, published.Caller);
        modules.Tell(new UnmountLayer(published.Mount, Detached: true, TestActor));
        Assert.True(router.ExpectMsg<WithdrawLayer>(Soon).Detached);
    }

    [Fact]
    public void Unmounting_what_no_module_claims_gives_EINVAL()
    {
        modules.Tell(new UnmountLayer(Make.Mount(1, "/a", "/b"), Detached: false, TestActor));
        Assert.Equal(Errno.EINVAL, ExpectMsg<ControlAnswer>(Soon).Error);
    }

    private void Load(string name, Errno expected, bool permanent = false)
    {
        modules.Tell(new LoadModule(name, permanent, TestActor));
        Assert.Equal(expected, ExpectMsg<ControlAnswer>(Soon).Error);
    }

    private void Unload(string name, Errno expected)
    {
        modules.Tell(new UnloadModule(name, TestActor));
        Assert.Equal(expected, ExpectMsg<ControlAnswer>(Soon).Error);
    }

    private static MountSpecification Request(string path) => new()
    {
        Epoch = 1,
        Type = "vufs",
        Source = Make.Bytes(path),
        SourceView = Make.Bytes(path),
        SourceHost = Make.Bytes(path),
        TargetView = Make.Bytes(path),
        TargetHost = Make.Bytes(path),
    };
}
