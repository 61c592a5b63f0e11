using System.Collections.Concurrent;
using System.Diagnostics;
using Factory.Hosting.Telemetry;

namespace Factory.Coordinator.Tests.Telemetry;

/// <summary>The spans of one trace, whichever host of this process makes them; and those that are linked to it.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private static readonly string[] Sources = [FactoryTrace.SourceName, "MassTransit", "Microsoft.AspNetCore"];
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivityListener _listener;

    public RecordedSpans()
    {
        _listener = new()
        {
            ShouldListenTo = source => Sources.Contains(source.Name),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == _trace || span.Links.Any(link => link.Context.TraceId == _trace)) _ended.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What a client shows, so that the trace begins with it.</summary>
    public string TraceParent => $"00-{_trace}-{ClientSpan}-01";

    public string ClientSpan { get; } = ActivitySpanId.CreateRandom().ToString();

    public IReadOnlyList<Activity> InTrace => [.. _ended.Where(span => span.TraceId == _trace)];

    public IReadOnlyList<Activity> Linked => [.. _ended.Where(span => span.TraceId != _trace)];

    /// <summary>A span and those it is part of, the innermost first.</summary>
    public List<Activity> Path(Activity span)
    {
        Dictionary<ActivitySpanId, Activity> known = InTrace.ToDictionary(each => each.SpanId);
        List<Activity> path = [span];
        while (known.TryGetValue(path[^1].ParentSpanId, out Activity? parent)) path.Add(parent);
        return path;
    }

    public void Dispose() => _listener.Dispose();
}
