using System.Net.Sockets;
using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace Vuos.Actors.Running;

/// <summary>Sends log events to the system's log daemon as syslog(3) does: one datagram each (RFC 3164). Without a daemon they are lost, as there.</summary>
internal sealed class SyslogSink(string path = "/dev/log") : ILogEventSink, IDisposable
{
    private const int FacilityUser = 1 << 3, MostText = 2048;

    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint daemon = new(path);

    /// <summary>Severity 0…7 of a level (syslog(3)).</summary>
    public static int Severity(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };

    /// <summary>The lowest level whose severity is at most <paramref name="severity"/>.</summary>
    public static LogEventLevel LevelOf(int severity) => severity switch
    {
        <= 2 => LogEventLevel.Fatal,
        3 => LogEventLevel.Error,
        4 or 5 => LogEventLevel.Warning,
        6 => LogEventLevel.Information,
        _ => LogEventLevel.Verbose,
    };

    public void Emit(LogEvent logEvent)
    {
        var text = logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
        if (logEvent.Exception is { } exception)
            text += ": " + exception.Message;
        var message = Encoding.UTF8.GetBytes($"<{FacilityUser | Severity(logEvent.Level)}>vuos-actors[{Environment.ProcessId}]: {text[..Math.Min(text.Length, MostText)]}");
        try
        {
            socket.SendTo(message, daemon);
        }
        catch (SocketException)
        {
            // No daemon, or it is not listening: syslog(3) is as silent.
        }
    }

    public void Dispose() => socket.Dispose();
}
