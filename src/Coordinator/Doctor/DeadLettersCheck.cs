using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using MassTransit;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether messages were set aside: invitations delivered in vain too often, and what no consumer could take, however often it tried.</summary>
/// <param name="broker">The broker.</param>
/// <param name="bus">Knows the coordinator's own queues.</param>
internal sealed class DeadLettersCheck(TransportOptions broker, IBusControl bus) : IDoctorCheck
{
    // Where MassTransit puts what failed, and what nobody had a consumer for.
    private static readonly string[] Aside = ["_error", "_skipped"];

    /// <inheritdoc/>
    public string Name => "dead letters";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        if (broker.Kind == TransportKind.InMemory) return CheckResult.Ok("messages stay in this process");
        IEnumerable<string> own = bus.CheckHealth().Endpoints.Values.Select(endpoint => endpoint.InputAddress?.Segments[^1]).OfType<string>();
        IEnumerable<string> queues = WorkQueues.Names.Concat(own).SelectMany(_ => Aside, (queue, aside) => queue + aside);
        QueueState[] filled = [.. (await QueueCensus.OfAsync(broker, queues.Append(WorkQueues.DeadLetters), cancellationToken)).Where(queue => queue.Messages > 0)];
        if (filled.Length == 0) return CheckResult.Ok("none");
        return CheckResult.Fault(
            string.Join(", ", filled.Select(queue => $"{queue.Messages} in {queue.Name}")),
            $"see the logs of workers and coordinators for why; their items are invited anew, so the messages may go: rabbitmqctl purge_queue {filled[0].Name}");
    }
}
