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

    public static Logger Create(RunOptions options, RunSettings settings)
    {
        var level = Enum.TryParse<LogEventLevel>(settings.LogLevel, ignoreCase: true, out var parsed) ? parsed : LogEventLevel.Warning;
        if (options.DebugTags.Length > 0 && level > LogEventLevel.Debug)
            level = LogEventLevel.Debug;
        var configuration = new LoggerConfiguration().MinimumLevel.Is(level);
        return (settings.LogFile is { } file
            ? configuration.WriteTo.File(file, outputTemplate: Format, shared: true)
            : configuration.WriteTo.Sink(new StandardErrorSink())).CreateLogger();
    }

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
