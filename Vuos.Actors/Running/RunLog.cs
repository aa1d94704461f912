using Serilog;
using Serilog.Events;

namespace Vuos.Actors.Running;

/// <summary>
/// The log of a run. The tracer thread only queues what it has to say: the sink's locks and I/O belong to a thread of its own.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private readonly System.Threading.Channels.Channel<Entry> entries = System.Threading.Channels.Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly ILogger logger;
    private readonly Lazy<ILogger> tagged;
    private readonly Task writer;

    /// <param name="logger">For what the run itself has to say.</param>
    /// <param name="tagged">Makes the one for debug output when there is some.</param>
    public RunLog(ILogger logger, Func<ILogger>? tagged = null)
    {
        this.logger = logger;
        this.tagged = new(tagged ?? (() => logger));
        writer = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public bool IsEnabled(LogEventLevel level) => logger.IsEnabled(level);

    public void Error(Exception e, string doing) => entries.Writer.TryWrite(new Entry(LogEventLevel.Error, doing, e));

    public void Warning(string text) => Queue(LogEventLevel.Warning, text);

    public void Information(string text) => Queue(LogEventLevel.Information, text);

    public void Debug(string text) => Queue(LogEventLevel.Debug, text);

    /// <summary>A line of debug output: somebody switched its tag on, so the level does not matter.</summary>
    public void Tagged(string text) => entries.Writer.TryWrite(new Entry(LogEventLevel.Debug, text, null, Tagged: true));

    public void Dispose()
    {
        entries.Writer.Complete();
        writer.Wait();
        (logger as IDisposable)?.Dispose();
        if (tagged.IsValueCreated)
            (tagged.Value as IDisposable)?.Dispose();
    }

    private void Queue(LogEventLevel level, string text)
    {
        if (logger.IsEnabled(level))
            entries.Writer.TryWrite(new Entry(level, text, null));
    }

    private void Write()
    {
        var reader = entries.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var entry))
                (entry.Tagged ? tagged.Value : logger).Write(entry.Level, entry.Exception, "{Text:l}", entry.Text);
        }
    }

    private sealed record Entry(LogEventLevel Level, string Text, Exception? Exception, bool Tagged = false);
}
