using Factory.Tests.Servers.Containers;
using Factory.Tests.Servers.Native;

namespace Factory.Tests.Servers;

/// <summary>A RabbitMQ node of one test's own, on one loopback port for its whole life. Durable queues and their persistent messages outlive a restart.</summary>
public sealed class RabbitMqServer : ControlledServer
{
    internal const string User = "factory";
    internal const string Password = "factory";
    private readonly RabbitMqManagement _management;

    private RabbitMqServer(IServerHost host, int port, int managementPort)
        : base(host, port)
    {
        ManagementUrl = new($"http://127.0.0.1:{managementPort}");
        _management = new(ManagementUrl, User, Password);
    }

    /// <summary>Where the node's management API is.</summary>
    public Uri ManagementUrl { get; }

    /// <summary>The node's default virtual host.</summary>
    public RabbitMqAccess Access => new("127.0.0.1", Port, "/", User, Password);

    /// <summary>Starts a new node; skips the test where there is none, fails it where there must be one.</summary>
    public static Task<RabbitMqServer> StartNewAsync() => Requirement.OrSkipAsync("rabbitmq", CreateAsync);

    /// <summary>Makes an empty virtual host.</summary>
    public async Task<RabbitMqAccess> CreateVirtualHostAsync() => Access with { VirtualHost = await _management.CreateVirtualHostAsync() };

    /// <summary>Makes an empty virtual host, and a user for it.</summary>
    public async Task<RabbitMqAccess> CreateVirtualHostAsync(string user, string password)
    {
        RabbitMqAccess access = (await CreateVirtualHostAsync()) with { User = user, Password = password };
        await _management.CreateUserAsync(access);
        return access;
    }

    internal static async Task<RabbitMqServer> CreateAsync()
    {
        int[] ports = LoopbackPort.Take(2);
        return await StartedAsync(
            "rabbitmq",
            () => ContainerServers.RabbitMq(ports[0], ports[1]),
            () => Task.FromResult(NativeRabbitMq.Create(ports[0], ports[1])),
            host => new RabbitMqServer(host, ports[0], ports[1]));
    }

    private protected override Task AskAsync(CancellationToken stop) => _management.CheckAsync(Port, stop);
}
