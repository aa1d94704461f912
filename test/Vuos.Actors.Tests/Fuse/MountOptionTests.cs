using Vuos.Actors.Modules.Fuse;
using Vuos.Native;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>The data string of mount(2).</summary>
public class MountOptionTests
{
    [Fact]
    public void All_options()
    {
        var error = FuseMountOptions.Parse(
            "fd=7,rootmode=100644,user_id=1000,group_id=0x10,default_permissions,allow_other,max_read=65536,subtype=sshfs,ro,rw,source=x", blockDevice: false, out var options);
        Assert.Equal(Errno.None, error);
        Assert.Equal((7, 0x81A4u, 1000u, 16u), (options.Descriptor, options.RootMode, options.UserId, options.GroupId));
        Assert.Equal((true, true, true, 65536u, "sshfs"), (options.DefaultPermissions, options.AllowOther, options.ReadOnly, options.MaxRead, options.Subtype));
        var traits = options.Traits(128 * 1024);
        Assert.Equal((65536, true, true), (traits.MaxRead, traits.DefaultPermissions, traits.AllowOther));
        Assert.Equal("user_id=1000,group_id=16,default_permissions,allow_other,max_read=65536", traits.Shown);
    }

    [Fact]
    public void As_little_as_possible()
    {
        Assert.Equal(Errno.None, FuseMountOptions.Parse("fd=3,rootmode=40000,user_id=0,group_id=0", blockDevice: false, out var options));
        var traits = options.Traits(128 * 1024);
        Assert.Equal((128 * 1024, false, false, "user_id=0,group_id=0"), (traits.MaxRead, traits.DefaultPermissions, traits.AllowOther, traits.Shown));
        Assert.Equal(Errno.None, FuseMountOptions.Parse("fd=3,rootmode=40000,user_id=0,group_id=0,max_read=1", blockDevice: false, out options));
        Assert.Equal(4096, options.Traits(128 * 1024).MaxRead);
        Assert.Equal(Errno.None, FuseMountOptions.Parse("fd=3,rootmode=40000,user_id=0,group_id=0,blksize=4096", blockDevice: true, out options));
        Assert.EndsWith(",blksize=4096", options.Traits(4096).Shown);
    }

    [Theory]
    [InlineData("rootmode=40000,user_id=0,group_id=0")]
    [InlineData("fd=3,user_id=0,group_id=0")]
    [InlineData("fd=3,rootmode=40000,group_id=0")]
    [InlineData("fd=3,rootmode=40000,user_id=0")]
    [InlineData("fd=-1,rootmode=40000,user_id=0,group_id=0")]
    [InlineData("fd=3,rootmode=644,user_id=0,group_id=0")]
    [InlineData("fd=3,rootmode=49000,user_id=0,group_id=0")]
    [InlineData("fd=3,rootmode=40000,user_id=x,group_id=0")]
    [InlineData("fd=3,rootmode=40000,user_id=4294967295,group_id=0")]
    [InlineData("fd=3,rootmode=40000,user_id=0,group_id=0,nonsense")]
    [InlineData("fd=3,rootmode=40000,user_id=0,group_id=0,allow_other=1")]
    [InlineData("fd=3,rootmode=40000,user_id=0,group_id=0,max_read")]
    [InlineData("fd=3,rootmode=40000,user_id=0,group_id=0,blksize=4096")]
    [InlineData("fd=3,rootmode=40000,user_id=0,group_id=0,subtype=a,subtype=b")]
    public void Refused(string data) => Assert.Equal(Errno.EINVAL, FuseMountOptions.Parse(data, blockDevice: false, out _));
}
