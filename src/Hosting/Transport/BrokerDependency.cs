using Factory.Hosting.Dependencies;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Factory.Hosting.Transport;

/// <summary>The RabbitMQ broker.</summary>
/// <param name="options">How to reach it.</param>
public sealed class BrokerDependency(IOptions<TransportOptions> options) : IDependency
{
    /// <inheritdoc/>
    public string Name => $"broker {options.Value.Address}";

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        TransportOptions broker = options.Value;
        ConnectionFactory factory = new()
        {
            HostName = broker.Host,
            Port = broker.Port,
            VirtualHost = broker.VirtualHost,
            UserName = broker.User!,
            Password = broker.Password!,
            Ssl = new(broker.Host, enabled: broker.Tls),
        };
        try
        {
            await using IConnection connection = await factory.CreateConnectionAsync(cancellationToken);
            // Some brokers name a missing virtual host only now.
            await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        }
        catch (BrokerUnreachableException refused) when (refused.InnerException is AuthenticationFailureException)
        {
            throw new DependencyMisconfiguredException($"{Name} does not accept user '{broker.User}' with this password; check Transport:User and Transport:Password.", refused);
        }
        catch (Exception refused) when (Interruption(refused) is { ReplyCode: 530 or 403 } shutdown)
        {
            throw new DependencyMisconfiguredException($"{Name} refuses virtual host '{broker.VirtualHost}' to user '{broker.User}' ({shutdown.ReplyText}); make it, or check Transport:VirtualHost.", refused);
        }
    }

    private static ShutdownEventArgs? Interruption(Exception fault) =>
        (fault as OperationInterruptedException ?? fault.InnerException as OperationInterruptedException)?.ShutdownReason;
}
