using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>Where a run's log goes: a file, or standard error by plain write(2); the terminal belongs to the guest, so .NET's Console is never touched.</summary>
internal static class LogSetup
{
    private const string Format = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Whether the log is seen on a terminal, so that colours make sense.</summary>
    public static unsafe bool IsTerminal(RunSettings settings)
    {
        const int TerminalGet = 0x5401;
        var termios = stackalloc byte[64];
        return settings.LogFile is null && Sys.Call(Nr.Ioctl, 2, TerminalGet, (long)termios) == 0;
    }

    /// <param name="tagged">For debug output, which somebody has switched on: whatever the level, it is shown.</param>
    public static Logger Create(RunOptions options, RunSettings settings, bool tagged = false)
    {
        var level = tagged ? LogEventLevel.Verbose : Enum.TryParse<LogEventLevel>(settings.LogLevel, ignoreCase: true, out var parsed) ? parsed : LogEventLevel.Warning;
        var configuration = new LoggerConfiguration().MinimumLevel.Is(level);
        if (options.SyslogLevel < 0)
            return Main(configuration, settings).CreateLogger();
        var system = SyslogSink.LevelOf(options.SyslogLevel);
        return configuration.MinimumLevel.Is(system < level ? system : level)
            .WriteTo.Logger(main => Main(main.MinimumLevel.Verbose().Filter.ByIncludingOnly(e => e.Level >= level), settings))
            .WriteTo.Sink(new SyslogSink(), system)
            .CreateLogger();
    }

    private static LoggerConfiguration Main(LoggerConfiguration configuration, RunSettings settings) => settings.LogFile is { } file
        ? configuration.WriteTo.File(file, outputTemplate: Format, shared: true)
        : configuration.WriteTo.Sink(new StandardErrorSink());

    private sealed class StandardErrorSink : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter formatter = new("vuos-actors: {Message:lj}{NewLine}{Exception}");

        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            formatter.Format(logEvent, text);
            Files.WriteAll(2, System.Text.Encoding.UTF8.GetBytes(text.ToString()));
        }
    }
}
