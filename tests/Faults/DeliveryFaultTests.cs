using System.Text.Json.Nodes;
using Factory.Contracts;
using Factory.Contracts.Work;
using RabbitMQ.Client;

namespace Factory.Faults;

/// <summary>Messages that come again, late, in another order, or between different builds.</summary>
public sealed class DeliveryFaultTests(Peace peace)
{
    [Fact]
    public async Task EverythingDeliveredThreeTimesAndOutOfOrder_ChangesNothing()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.CoordinatorAsync(1);
        await Task.WhenAll(factory.WorkerAsync(), factory.WorkerAsync());
        await using Repeater repeater = await Repeater.StartAsync(factory.Broker, seed: 1);
        await factory.SubmitAsync();

        await factory.ShouldEndAsInPeaceAsync();
        await repeater.FlushAsync();
        // The coordinators' own queues are empty when they have taken what was said last.
        await using IConnection connection = await new ConnectionFactory { Uri = factory.Broker.Url }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (string queue in new[] { "shard-generated", "claim-attempt" })
        {
            while (await channel.MessageCountAsync(queue, TestContext.Current.CancellationToken) > 0) await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await factory.ShouldEndAsInPeaceAsync();
        repeater.Repeated(nameof(ShardGenerated)).ShouldBe(3 * Peace.Shards);
        repeater.Repeated("generate-shard").ShouldBeGreaterThanOrEqualTo(3 * Peace.Shards);
        repeater.Repeated(nameof(ClaimAttempt)).ShouldBeGreaterThanOrEqualTo(3 * Peace.Shards);
    }

    [Fact]
    public async Task InvitationOfANewerContract_IsGivenBackWithALine_AndTheItemIsInvitedAnew()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.SubmitAsync();
        await factory.UntilAsync("select count(*) from work_items where state = 'Invited'", count => count > 0);
        await RaiseContractAsync(factory, WorkQueues.NameOf(typeof(ComputeCamBlock), "cpu", RunPriority.Bulk));

        Service worker = await factory.WorkerAsync();
        await worker.SeeAsync($"invitation given back: it is written in version {WorkContract.Version + 1} of the contracts, this worker knows {WorkContract.Version}; update the worker");

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync("select count(*) from attempts where outcome <> 'committed'")).ShouldBe(0, "an invitation given back is no attempt");
    }

    [Fact]
    public async Task WorkerOfAnotherBuild_IsRefusedWithALine_AndComputesNothing()
    {
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        Service other = await factory.WorkerOfAsync(OtherBuild.Make(peace.NewFolder()));
        await factory.SubmitAsync();
        await other.SeeAsync($"invitation given back: this worker is build {OtherBuild.Name}, the coordinator build {FactoryBuild.Current}; update the older one");
        await factory.WorkerAsync();

        await factory.ShouldEndAsInPeaceAsync();
        (await factory.CountAsync($"select count(*) from attempts where worker = '{other.Worker}'")).ShouldBe(0);
    }

    /// <summary>Makes what waits in a queue look as if a newer coordinator had written it.</summary>
    private static async Task RaiseContractAsync(DistributedFactory factory, string queue)
    {
        await using IConnection connection = await new ConnectionFactory { Uri = factory.Broker.Url }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        List<BasicGetResult> waiting = [];
        while (waiting.Count == 0)
        {
            while (await channel.BasicGetAsync(queue, autoAck: true, TestContext.Current.CancellationToken) is { } message) waiting.Add(message);
        }
        foreach (BasicGetResult message in waiting)
        {
            JsonNode envelope = JsonNode.Parse(message.Body.Span)!;
            envelope["message"]!["order"]!["contract"] = WorkContract.Version + 1;
            await channel.BasicPublishAsync(
                message.Exchange, message.RoutingKey, mandatory: false, new BasicProperties(message.BasicProperties), System.Text.Encoding.UTF8.GetBytes(envelope.ToJsonString()), TestContext.Current.CancellationToken);
        }
    }
}
