using Factory.Contracts.Work;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Factory.Hosting.Transport;

/// <summary>A queue as the broker has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Messages">Messages that wait in it, without those that consumers hold.</param>
/// <param name="Consumers">Who takes from it.</param>
/// <param name="Difference">In what it is not as this factory declares it, in the broker's words; null: in nothing.</param>
public sealed record QueueState(string Name, uint Messages, uint Consumers, string? Difference = null);

/// <summary>Asks the broker for its queues, in its own protocol, which tells neither of policies set on the broker nor of bindings, and does not compare consumer timeouts.</summary>
public static class QueueCensus
{
    private const string QueueType = "x-queue-type", Quorum = "quorum", ConnectionName = "factory doctor";

    /// <summary>The queues of work and that of dead letters, compared with what they are declared as; those that are missing are left out.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnreachableException">The broker cannot be asked.</exception>
    public static async Task<IReadOnlyList<QueueState>> OfWorkAsync(TransportOptions broker, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        Dictionary<string, object?> plain = new() { [QueueType] = Quorum };
        Dictionary<string, object?> work = WorkQueueTopology.PoliciesOf(broker).Select(policy => KeyValuePair.Create(policy.Key, (object?)policy.Value)).Concat(plain).ToDictionary();
        await using IConnection connection = await BrokerGreeting.ConnectAsync(broker, ConnectionName, cancellationToken);
        List<QueueState> found = [];
        foreach (string name in WorkQueues.Names.Append(WorkQueues.DeadLetters))
        {
            if (await FindAsync(connection, name, cancellationToken) is not { } queue) continue;
            found.Add(queue with { Difference = await DifferenceAsync(connection, name, name == WorkQueues.DeadLetters ? plain : work, cancellationToken) });
        }
        return found;
    }

    /// <summary>Those of some queues that are there.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="names">The queues.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BrokerUnreachableException">The broker cannot be asked.</exception>
    public static async Task<IReadOnlyList<QueueState>> OfAsync(TransportOptions broker, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        await using IConnection connection = await BrokerGreeting.ConnectAsync(broker, ConnectionName, cancellationToken);
        List<QueueState> found = [];
        foreach (string name in names)
        {
            if (await FindAsync(connection, name, cancellationToken) is { } queue) found.Add(queue);
        }
        return found;
    }

    // A question that the broker answers with a refusal costs its channel: each has one of its own.
    private static async Task<QueueState?> FindAsync(IConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            QueueDeclareOk queue = await channel.QueueDeclarePassiveAsync(name, cancellationToken);
            return new(name, queue.MessageCount, queue.ConsumerCount);
        }
        catch (OperationInterruptedException absent) when (absent.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    // Declaring a queue that is there changes nothing: it is a comparison.
    private static async Task<string?> DifferenceAsync(IConnection connection, string name, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
            return null;
        }
        catch (OperationInterruptedException refusal) when (refusal.ShutdownReason is { ReplyCode: Constants.PreconditionFailed or Constants.AccessRefused } reason)
        {
            return reason.ReplyText;
        }
    }
}
