using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>
/// How work is consumed: one queue for each kind, shared by all workers, and one invitation at a time, so that those which wait can go to other workers. The queue
/// has the consumer's name in kebab case, such as <c>generate-shard</c>, whatever the host's naming: deployments scale by it.
/// </summary>
internal sealed class WorkDefinition<TConsumer> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer
{
    /// <summary>Makes the definition.</summary>
    public WorkDefinition()
    {
        EndpointName = KebabCaseEndpointNameFormatter.Instance.Consumer<TConsumer>();
        ConcurrentMessageLimit = 1;
        Endpoint(endpoint => endpoint.PrefetchCount = 1);
    }
}
