using System.Diagnostics;
using OpenTelemetry;

namespace Factory.Hosting.Telemetry;

/// <summary>
/// What becomes of the spans that MassTransit makes. A message that belongs to no trace, such as a sign of life, begins none; the others get the attributes that OpenTelemetry's
/// conventions for messaging have and MassTransit's own do not.
/// </summary>
/// <param name="system">Name of the messaging system in those conventions, such as <c>rabbitmq</c>.</param>
internal sealed class MessageSpans(string system) : BaseProcessor<Activity>
{
    /// <summary>Name of MassTransit's source of spans.</summary>
    public const string Source = "MassTransit";

    private const string System = "messaging.system", MessageId = "messaging.message.id", OwnMessageId = "messaging.masstransit.message_id";
    private const string Operation = "messaging.operation", OperationName = "messaging.operation.name", OperationType = "messaging.operation.type";
    private const string Exception = "exception", ExceptionType = "exception.type";

    /// <inheritdoc/>
    public override void OnStart(Activity data)
    {
        if (data.Source.Name != Source || data.ParentSpanId != default) return;
        data.IsAllDataRequested = false;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name != Source) return;
        if (data.GetTagItem(System) is null) data.SetTag(System, system);
        if (data.GetTagItem(MessageId) is null) data.SetTag(MessageId, data.GetTagItem(OwnMessageId));
        if (data.GetTagItem(Operation) is { } operation) data.SetTag(OperationName, operation).SetTag(OperationType, operation);
        if (data.Status == ActivityStatusCode.Error && data.GetTagItem(FactoryTrace.ErrorType) is null)
        {
            object? type = data.Events.Where(happened => happened.Name == Exception).SelectMany(happened => happened.Tags).FirstOrDefault(tag => tag.Key == ExceptionType).Value;
            data.SetTag(FactoryTrace.ErrorType, type ?? "_OTHER");
        }
    }
}
