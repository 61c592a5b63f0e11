using System.Diagnostics.Tracing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Factory.Hosting.Telemetry;

/// <summary>Says in one line that telemetry does not reach its collector, once an hour at most: the exporter itself tells nobody, and work goes on without it.</summary>
internal sealed partial class ExportWatch(TimeProvider time, ILogger<ExportWatch> logger) : IHostedService, IDisposable
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    // Failures to send, of one kind or another; its other words are about single attributes and such.
    private static readonly int[] Unsent = [2, 16, 17, 18, 19, 23];
    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);
    private readonly Lock _lock = new();
    private Listener? _listener;
    private long? _said;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = new(Say);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener?.Dispose();

    private void Say(string reason)
    {
        lock (_lock)
        {
            if (_said is { } said && time.GetElapsedTime(said) < Silence) return;
            _said = time.GetTimestamp();
        }
        LogUnsent(reason);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telemetry does not reach its collector; work goes on without: {Reason}")]
    private partial void LogUnsent(string reason);

    private sealed class Listener(Action<string> say) : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == Exporter) EnableEvents(eventSource, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            // The base class announces sources before this one is made.
            if (eventData.EventSource.Name != Exporter || !Unsent.Contains(eventData.EventId)) return;
            string told = string.Format(null, eventData.Message ?? eventData.EventName ?? "", [.. eventData.Payload ?? new([])]);
            say?.Invoke(told.Split('\n', 2)[0].Trim());
        }
    }
}
