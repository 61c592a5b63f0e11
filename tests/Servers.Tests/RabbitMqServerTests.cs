using Factory.Tests.Servers;
using RabbitMQ.Client;

namespace Factory.Servers.Tests;

/// <summary>RabbitMQ, shared and controlled.</summary>
public sealed class RabbitMqServerTests
{
    [Fact]
    public async Task EachCaller_HasAVirtualHost()
    {
        RabbitMqAccess first = await TestServers.RabbitMqAsync();
        RabbitMqAccess second = await TestServers.RabbitMqAsync();

        await PublishAsync(first, "q");
        await PublishAsync(second, "q");

        first.VirtualHost.ShouldNotBe(second.VirtualHost);
        (await CountAsync(first, "q")).ShouldBe(1u);
    }

    [Fact]
    public async Task Restart_KeepsDurableMessagesAndPort()
    {
        await using RabbitMqServer server = await RabbitMqServer.StartNewAsync();
        RabbitMqAccess access = await server.CreateVirtualHostAsync();
        await PublishAsync(access, "q");

        await server.StopAsync();
        await Should.ThrowAsync<Exception>(() => CountAsync(access, "q"));
        await server.StartAsync();

        (await CountAsync(access, "q")).ShouldBe(1u);
    }

    private static async Task<IConnection> ConnectAsync(RabbitMqAccess access) =>
        await new ConnectionFactory { Uri = access.Url, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    private static async Task PublishAsync(RabbitMqAccess access, string queue)
    {
        await using IConnection connection = await ConnectAsync(access);
        await using IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync(queue, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.BasicPublishAsync("", queue, true, new BasicProperties { Persistent = true }, new byte[] { 1 });
    }

    private static async Task<uint> CountAsync(RabbitMqAccess access, string queue)
    {
        await using IConnection connection = await ConnectAsync(access);
        await using IChannel channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }
}
