using System.Collections.Concurrent;
using Factory.Contracts.Work;
using Factory.Tests.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Factory.Faults;

/// <summary>
/// A broker at its worst: what coordinators and workers tell one another arrives again, at once, later, and in another order. A queue of its own hears it beside those
/// that are meant to.
/// </summary>
internal sealed class Repeater : IAsyncDisposable
{
    private const string Mark = "repeated", Queue = "repeater";
    private const int Held = 12;
    private static readonly Type[] Messages = [typeof(ClaimAttempt), typeof(AttemptProgressed), typeof(CamBlockComputed), typeof(ShardGenerated), typeof(ReportRendered), typeof(ContactSheetRendered)];
    private static readonly Type[] Invitations = [typeof(ComputeCamBlock), typeof(GenerateShard)];
    private readonly IConnection _connection;
    private readonly IChannel _hears, _says;
    private readonly Random _random;
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<BasicDeliverEventArgs> _held = [];
    private readonly ConcurrentDictionary<string, int> _repeated = new();

    private Repeater(IConnection connection, IChannel hears, IChannel says, int seed) => (_connection, _hears, _says, _random) = (connection, hears, says, new(seed));

    /// <summary>How often messages of an exchange were repeated.</summary>
    public int Repeated(string exchange) => _repeated.Where(entry => entry.Key.Contains(exchange, StringComparison.Ordinal)).Sum(entry => entry.Value);

    /// <summary>Begins; coordinators and workers have declared their exchanges.</summary>
    public static async Task<Repeater> StartAsync(RabbitMqAccess broker, int seed)
    {
        IConnection connection = await new ConnectionFactory { Uri = broker.Url }.CreateConnectionAsync();
        Repeater repeater = new(connection, await connection.CreateChannelAsync(), await connection.CreateChannelAsync(), seed);
        await repeater._hears.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: true);
        foreach (string exchange in Messages.Select(message => $"{message.Namespace}:{message.Name}").Concat(Invitations.Select(invitation => WorkQueues.NameOf(invitation, "cpu", Contracts.RunPriority.Bulk))))
        {
            await repeater._hears.QueueBindAsync(Queue, exchange, "");
        }
        AsyncEventingBasicConsumer consumer = new(repeater._hears);
        consumer.ReceivedAsync += (_, heard) => repeater.TakeAsync(heard);
        await repeater._hears.BasicConsumeAsync(Queue, autoAck: true, consumer);
        return repeater;
    }

    /// <summary>Says all that is still held, last things first.</summary>
    public async Task FlushAsync()
    {
        await _one.WaitAsync();
        _held.Reverse();
        foreach (BasicDeliverEventArgs late in _held) await SayAsync(late);
        _held.Clear();
        _one.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _one.Dispose();
    }

    private async Task TakeAsync(BasicDeliverEventArgs heard)
    {
        if (heard.BasicProperties.Headers?.ContainsKey(Mark) == true) return;
        BasicDeliverEventArgs kept = new(heard.ConsumerTag, heard.DeliveryTag, heard.Redelivered, heard.Exchange, heard.RoutingKey, heard.BasicProperties, heard.Body.ToArray());
        await _one.WaitAsync();
        try
        {
            await SayAsync(kept);
            _held.AddRange([kept, kept]);
            while (_held.Count > Held)
            {
                int late = _random.Next(_held.Count);
                await SayAsync(_held[late]);
                _held.RemoveAt(late);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task SayAsync(BasicDeliverEventArgs message)
    {
        BasicProperties properties = new(message.BasicProperties) { Headers = new Dictionary<string, object?>(message.BasicProperties.Headers ?? new Dictionary<string, object?>()) { [Mark] = true } };
        await _says.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: false, properties, message.Body);
        _repeated.AddOrUpdate(message.Exchange, 1, (_, times) => times + 1);
    }
}
