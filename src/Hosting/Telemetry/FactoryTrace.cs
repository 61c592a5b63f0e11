using System.Diagnostics;

namespace Factory.Hosting.Telemetry;

/// <summary>
/// The spans of the factory itself, beside those of ASP.NET Core and MassTransit: where they come from, what they say, and how the trace of a run is continued by whoever works on it later.
/// Spans name runs, steps, items and attempts; never an image, an eye, a subject or a secret. See docs/telemetry.md.
/// </summary>
public static class FactoryTrace
{
    /// <summary>Name of the source of spans.</summary>
    public const string SourceName = "Factory";

    /// <summary>Attribute: the run, an integer.</summary>
    public const string Run = "factory.run.id";

    /// <summary>Attribute: name of the recipe step.</summary>
    public const string Step = "factory.step.name";

    /// <summary>Attribute: the work item, an integer.</summary>
    public const string Item = "factory.item.id";

    /// <summary>Attribute: the item within its step, such as <c>corpus/12</c>.</summary>
    public const string ItemKey = "factory.item.key";

    /// <summary>Attribute: kind of work, the name of its command.</summary>
    public const string Kind = "factory.item.kind";

    /// <summary>Attribute: the attempt, counted from 1.</summary>
    public const string Attempt = "factory.attempt.number";

    /// <summary>Attribute: how it ended, in one word.</summary>
    public const string Outcome = "factory.outcome";

    /// <summary>Attribute: seconds in which a phase was at work, which is less than its span where it takes turns with others.</summary>
    public const string BusySeconds = "factory.phase.busy";

    /// <summary>Attribute, of OpenTelemetry: the kind of error a span ended in.</summary>
    public const string ErrorType = "error.type";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The present span as a W3C <c>traceparent</c>, to be kept with a run; null when nobody records spans.</summary>
    public static string? Present => Source.HasListeners() && Activity.Current is { IdFormat: ActivityIdFormat.W3C } present ? present.Id : null;

    /// <summary>Begins a span within the present one.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="attributes">What it is done to.</param>
    public static Activity? Begin(string name, params ReadOnlySpan<KeyValuePair<string, object?>> attributes) => Begin(name, default, null, attributes);

    /// <summary>Begins a span of a run's trace, whoever began that trace and however long ago.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="traceParent">What was kept with the run; null begins a trace.</param>
    /// <param name="apart">Whether the span begins a trace of its own that is linked to the run's: one trace does not hold a million items.</param>
    /// <param name="attributes">What it is done to.</param>
    public static Activity? Continue(string name, string? traceParent, bool apart, params ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (!ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext run)) return Begin(name, default, null, attributes);
        // A run that was not sampled is not sampled in pieces.
        return apart && run.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? Begin(name, default, [new(run)], attributes) : Begin(name, run, null, attributes);
    }

    /// <summary>Writes down a span that is over.</summary>
    /// <param name="name">What was done.</param>
    /// <param name="parent">The span it is part of.</param>
    /// <param name="began">When it began.</param>
    /// <param name="ended">When it ended.</param>
    /// <param name="attributes">What it was done to.</param>
    public static void Record(string name, ActivityContext parent, DateTimeOffset began, DateTimeOffset ended, params ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        using Activity? span = Source.StartActivity(name, ActivityKind.Internal, parent, startTime: began);
        Describe(span, attributes);
        span?.SetEndTime(ended.UtcDateTime);
    }

    /// <summary>Says of a span that it failed. What went wrong in words stays in the log: messages may quote what no span should hold.</summary>
    /// <param name="span">The span.</param>
    /// <param name="fault">Why.</param>
    public static void Fail(this Activity? span, Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        span?.SetStatus(ActivityStatusCode.Error).SetTag(ErrorType, fault.GetType().FullName);
    }

    private static Activity? Begin(string name, ActivityContext parent, IEnumerable<ActivityLink>? links, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        Activity? span = Source.StartActivity(name, ActivityKind.Internal, parent, links: links);
        Describe(span, attributes);
        return span;
    }

    private static void Describe(Activity? span, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (span is not { IsAllDataRequested: true }) return;
        foreach (KeyValuePair<string, object?> attribute in attributes) span.SetTag(attribute.Key, attribute.Value);
    }
}
