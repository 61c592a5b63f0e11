using Factory.Contracts.Work;
using Factory.Hosting.Transport;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the queues of work are on the broker, as they are declared, and somebody takes from those in which invitations wait.</summary>
/// <param name="broker">The broker.</param>
internal sealed class QueuesCheck(TransportOptions broker) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "queues";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken) => broker.Kind == TransportKind.InMemory
        ? CheckResult.Ok("messages stay in this process")
        : Judge(await QueueCensus.OfWorkAsync(broker, cancellationToken));

    private static CheckResult Judge(IReadOnlyList<QueueState> queues)
    {
        string[] missing = [.. WorkQueues.Names.Append(WorkQueues.DeadLetters).Except(queues.Select(queue => queue.Name))];
        if (missing.Length > 0) return CheckResult.Fault($"{missing.Length} queues are missing, {missing[0]} among them", "start a coordinator again: it declares them when it starts");
        if (queues.FirstOrDefault(queue => queue.Difference is not null) is { } other)
        {
            return CheckResult.Fault(
                $"{other.Name} is not as this coordinator declares it: {other.Difference}",
                $"set Transport__* alike everywhere; where it is the queue that is old, stop workers and coordinators, remove it (rabbitmqctl delete_queue {other.Name}), and start them: items are invited anew");
        }
        QueueState[] work = [.. queues.Where(queue => queue.Name != WorkQueues.DeadLetters)];
        if (work.FirstOrDefault(queue => queue is { Messages: > 0, Consumers: 0 }) is { } idle)
        {
            return CheckResult.Fault($"{idle.Messages} invitations wait in {idle.Name}, and no worker takes from it", $"start a worker of device {idle.Name.Split('.')[1]}");
        }
        return CheckResult.Ok($"{work.Length} queues of work as declared: quorum, delivery limit, dead-letter exchange; {work.Sum(queue => queue.Messages)} invitations wait. The consumer timeout, and policies set on the broker, cannot be asked for from here");
    }
}
