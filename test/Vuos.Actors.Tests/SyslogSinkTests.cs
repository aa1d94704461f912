using System.Net.Sockets;
using System.Text;
using Serilog;
using Serilog.Events;
using Vuos.Actors.Running;
using Xunit;

namespace Vuos.Actors.Tests;

public sealed class SyslogSinkTests
{
    [Fact]
    public void An_event_is_one_datagram_with_facility_user_and_the_severity_of_its_level()
    {
        var path = Path.Combine(Path.GetTempPath(), $"vuos-syslog-{Guid.NewGuid():n}");
        using var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        daemon.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            using var logger = new LoggerConfiguration().WriteTo.Sink(new SyslogSink(path), LogEventLevel.Warning).CreateLogger();
            logger.Information("not sent");
            logger.Warning("process {Pid} left", 7);
            var buffer = new byte[4096];
            daemon.ReceiveTimeout = 60_000;
            var text = Encoding.UTF8.GetString(buffer, 0, daemon.Receive(buffer));
            Assert.Equal($"<12>vuos-actors[{Environment.ProcessId}]: process 7 left", text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Without_a_daemon_nothing_happens()
    {
        using var logger = new LoggerConfiguration().WriteTo.Sink(new SyslogSink("/nonexistent/log")).CreateLogger();
        logger.Error("nobody hears this");
    }

    [Theory]
    [InlineData(0, LogEventLevel.Fatal)]
    [InlineData(3, LogEventLevel.Error)]
    [InlineData(4, LogEventLevel.Warning)]
    [InlineData(6, LogEventLevel.Information)]
    [InlineData(7, LogEventLevel.Verbose)]
    public void A_level_of_syslog_includes_all_that_are_graver(int severity, LogEventLevel lowest)
    {
        Assert.Equal(lowest, SyslogSink.LevelOf(severity));
        Assert.All(Enum.GetValues<LogEventLevel>().Where(l => l >= lowest), l => Assert.True(SyslogSink.Severity(l) <= Math.Max(severity, 2)));
    }
}
