using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>How work is consumed: one queue for each kind, one invitation at a time.</summary>
internal sealed class WorkDefinition<TConsumer> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer
{
    /// <summary>Makes the definition.</summary>
    public WorkDefinition()
    {
        ConcurrentMessageLimit = 1;
        Endpoint(endpoint => endpoint.PrefetchCount = 1);
    }
}
