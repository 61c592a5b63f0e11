using Factory.Tests.Servers;

namespace Factory.Faults;

/// <summary>Servers that go away and come back.</summary>
public sealed class ServerFaultTests(Peace peace)
{
    [Fact]
    public async Task BrokerRestarted_RunGoesOn()
    {
        RabbitMqServer broker = await peace.RabbitMqAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await broker.StopAsync();
        await broker.StartAsync();

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task BrokerUnreachableForTwoLeases_RunGoesOn()
    {
        RabbitMqServer broker = await peace.RabbitMqAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await broker.PauseAsync();
        await Task.Delay(2 * DistributedFactory.Lease, TestContext.Current.CancellationToken);
        await broker.ResumeAsync();

        await factory.ShouldEndAsInPeaceAsync();
    }

    [Fact]
    public async Task DatabaseRestarted_RunGoesOn()
    {
        PostgresServer database = await peace.PostgresAsync();
        await using DistributedFactory factory = await DistributedFactory.StartAsync(peace);
        await factory.WorkerAsync();
        await factory.SubmitAsync();
        await factory.ShardsAsync(2);
        await database.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await database.StartAsync();

        await factory.ShouldEndAsInPeaceAsync();
    }
}
