using Factory.Hosting.Dependencies;
using Microsoft.Extensions.Options;
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
        try
        {
            await BrokerGreeting.ExchangeAsync(broker, "factory start", cancellationToken);
        }
        catch (Exception refused) when (BrokerGreeting.CauseOf(refused) is AuthenticationFailureException)
        {
            throw new DependencyMisconfiguredException($"{Name} does not accept user '{broker.User}' with this password; check Transport:User and Transport:Password.", refused);
        }
        catch (Exception refused) when (BrokerGreeting.CauseOf(refused) is OperationInterruptedException { ShutdownReason: { ReplyCode: 530 or 403 } shutdown })
        {
            throw new DependencyMisconfiguredException($"{Name} refuses virtual host '{broker.VirtualHost}' to user '{broker.User}' ({shutdown.ReplyText}); make it, or check Transport:VirtualHost.", refused);
        }
    }
}
