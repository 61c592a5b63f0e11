using Factory.Contracts.Work;
using MassTransit;

namespace Factory.Hosting.Transport;

/// <summary>Declares the queues of work on the broker, so that invitations wait for workers that are yet to start.</summary>
public static class WorkQueueTopology
{
    /// <summary>What a queue of work asks of the broker, beyond being a quorum queue: arguments of its declaration.</summary>
    internal static IReadOnlyDictionary<string, object> PoliciesOf(TransportOptions options) => new Dictionary<string, object>
    {
        ["x-delivery-limit"] = options.DeliveryLimit,
        ["x-dead-letter-exchange"] = WorkQueues.DeadLetters,
        ["x-consumer-timeout"] = (long)options.AcknowledgementTimeout.TotalMilliseconds,
    };

    /// <summary>Declares every queue and the dead letters. Harmless when they are there.</summary>
    /// <param name="options">The broker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task DeclareAsync(TransportOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Kind == TransportKind.InMemory) return;
        IBusControl declaring = Bus.Factory.CreateUsingRabbitMq(transport =>
        {
            FactoryBus.Connect(transport, options);
            transport.DeployTopologyOnly = true;
            transport.ReceiveEndpoint(WorkQueues.DeadLetters, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.SetQuorumQueue();
            });
            foreach (string name in WorkQueues.Names)
            {
                transport.ReceiveEndpoint(name, endpoint => endpoint.AsWorkQueue(options));
            }
        });
        await declaring.DeployAsync(cancellationToken);
    }
}
