using System.Text;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Doctor;
using Factory.Coordinator.Tests.Support;
using Factory.Hosting.Transport;
using Factory.Tests.Servers;
using MassTransit;
using RabbitMQ.Client;

namespace Factory.Coordinator.Tests.Doctor;

/// <summary>Every fault of queues, made on a real broker.</summary>
public sealed class QueueChecksTests : IDisposable
{
    private static readonly string Shards = WorkQueues.NameOf(typeof(GenerateShard), "cuda", RunPriority.Bulk);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task QueuesAsDeclared_AreWell_AndWhatCannotBeAskedIsSaid()
    {
        TransportOptions broker = await DeclaredAsync();

        CheckResult result = await new QueuesCheck(broker).RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        result.Finding.ShouldBe($"{WorkQueues.Names.Count()} queues of work as declared: quorum, delivery limit, dead-letter exchange; 0 invitations wait. The consumer timeout, and policies set on the broker, cannot be asked for from here");
    }

    [Fact]
    public async Task BrokerWithoutQueues_IsAFault()
    {
        CheckResult result = await new QueuesCheck(await BrokerAsync()).RunAsync(CancellationToken.None);

        result.Finding.ShouldStartWith($"{WorkQueues.Names.Count() + 1} queues are missing, train-classifier-segment.cpu.");
        result.Remedy.ShouldBe("start a coordinator again: it declares them when it starts");
    }

    [Theory]
    [InlineData("x-delivery-limit")]
    [InlineData("x-dead-letter-exchange")]
    [InlineData("x-queue-type")]
    public async Task QueueWithAnotherPolicy_IsAFault(string policy)
    {
        TransportOptions broker = await DeclaredAsync();
        await OnBrokerAsync(broker, async channel =>
        {
            Dictionary<string, object?> arguments = new()
            {
                ["x-queue-type"] = "quorum",
                ["x-delivery-limit"] = broker.DeliveryLimit,
                ["x-dead-letter-exchange"] = WorkQueues.DeadLetters,
                ["x-consumer-timeout"] = (long)broker.AcknowledgementTimeout.TotalMilliseconds,
            };
            arguments[policy] = policy switch { "x-queue-type" => "classic", "x-dead-letter-exchange" => "elsewhere", _ => 7 };
            if (policy == "x-queue-type") arguments.Remove("x-delivery-limit");
            await channel.QueueDeleteAsync(Shards);
            await channel.QueueDeclareAsync(Shards, durable: true, exclusive: false, autoDelete: false, arguments);
        });

        CheckResult result = await new QueuesCheck(broker).RunAsync(CancellationToken.None);

        result.Finding.ShouldStartWith($"{Shards} is not as this coordinator declares it: ");
        result.Finding.ShouldContain(policy);
        result.Remedy.ShouldNotBeNull().ShouldContain($"rabbitmqctl delete_queue {Shards}");
    }

    [Fact]
    public async Task InvitationsThatNobodyTakes_AreAFault()
    {
        TransportOptions broker = await DeclaredAsync();
        await OnBrokerAsync(broker, channel => FillAsync(channel, Shards, 3));

        CheckResult result = await EventuallyAsync(() => new QueuesCheck(broker).RunAsync(CancellationToken.None));

        result.ShouldBe(CheckResult.Fault($"3 invitations wait in {Shards}, and no worker takes from it", "start a worker of device cuda"));
    }

    [Theory]
    [InlineData(WorkQueues.DeadLetters)]
    // The coordinator of this test names its queues without dashes.
    [InlineData("ShardGenerated_error")]
    [InlineData("generate-shard.cpu.bulk_skipped")]
    public async Task MessagesSetAside_AreAFault(string queue)
    {
        TransportOptions broker = await DeclaredAsync();
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        DeadLettersCheck check = new(broker, host.Service<IBusControl>());
        (await check.RunAsync(CancellationToken.None)).ShouldBe(CheckResult.Ok("none"));
        await OnBrokerAsync(broker, async channel =>
        {
            if (queue != WorkQueues.DeadLetters) await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
            await FillAsync(channel, queue, 2);
        });

        CheckResult result = await EventuallyAsync(() => check.RunAsync(CancellationToken.None));

        result.Finding.ShouldBe($"2 in {queue}");
        result.Remedy.ShouldNotBeNull().ShouldEndWith($"rabbitmqctl purge_queue {queue}");
    }

    private static async Task<TransportOptions> BrokerAsync()
    {
        RabbitMqAccess access = await TestServers.RabbitMqAsync();
        return new() { Kind = TransportKind.RabbitMq, Host = access.Host, Port = (ushort)access.Port, VirtualHost = access.VirtualHost, User = access.User, Password = access.Password };
    }

    private static async Task<TransportOptions> DeclaredAsync()
    {
        TransportOptions broker = await BrokerAsync();
        await WorkQueueTopology.DeclareAsync(broker, CancellationToken.None);
        return broker;
    }

    private static async Task OnBrokerAsync(TransportOptions broker, Func<IChannel, Task> act)
    {
        ConnectionFactory factory = new() { HostName = broker.Host, Port = broker.Port, VirtualHost = broker.VirtualHost, UserName = broker.User!, Password = broker.Password! };
        await using IConnection connection = await factory.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await act(channel);
    }

    private static async Task FillAsync(IChannel channel, string queue, int messages)
    {
        for (int message = 0; message < messages; message++) await channel.BasicPublishAsync("", queue, Encoding.UTF8.GetBytes("{}"));
    }

    // A queue counts what it was given a moment later.
    private static async Task<CheckResult> EventuallyAsync(Func<Task<CheckResult>> look)
    {
        for (int again = 0; ; again++)
        {
            CheckResult result = await look();
            if (!result.IsOk || again == 50) return result;
            await Task.Delay(100);
        }
    }
}
