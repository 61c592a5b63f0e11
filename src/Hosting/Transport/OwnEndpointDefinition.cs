using MassTransit;

namespace Factory.Hosting.Transport;

/// <summary>An endpoint of this process alone, which goes with it: every process that has the consumer hears every message.</summary>
/// <typeparam name="TConsumer">The consumer.</typeparam>
public sealed class OwnEndpointDefinition<TConsumer> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer
{
    /// <summary>Makes the definition.</summary>
    public OwnEndpointDefinition() => Endpoint(endpoint =>
    {
        endpoint.InstanceId = $"-{Environment.MachineName}-{Environment.ProcessId}";
        endpoint.Temporary = true;
    });
}
