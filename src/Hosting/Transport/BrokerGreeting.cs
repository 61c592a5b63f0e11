using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Factory.Hosting.Transport;

/// <summary>Tries for real whether a RabbitMQ broker lets this process in, before anything depends on it.</summary>
public static class BrokerGreeting
{
    /// <summary>Connects, opens a channel, and leaves.</summary>
    /// <param name="broker">How to reach it; user and password are set.</param>
    /// <param name="name">What the broker lists the connection as.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The broker's version; empty when it says none.</returns>
    /// <exception cref="BrokerUnreachableException">It does not answer, or does not accept the user.</exception>
    /// <exception cref="OperationInterruptedException">It refuses the virtual host.</exception>
    public static async Task<string> ExchangeAsync(TransportOptions broker, string name, CancellationToken cancellationToken)
    {
        await using IConnection connection = await ConnectAsync(broker, name, cancellationToken);
        // What the broker holds against the virtual host it says only after the connection is made.
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        return connection.ServerProperties?.TryGetValue("version", out object? version) == true && version is byte[] text ? Encoding.UTF8.GetString(text) : "";
    }

    /// <summary>A connection that ends with its first fault.</summary>
    internal static async Task<IConnection> ConnectAsync(TransportOptions broker, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ConnectionFactory factory = new()
        {
            HostName = broker.Host,
            Port = broker.Port,
            VirtualHost = broker.VirtualHost,
            UserName = broker.User!,
            Password = broker.Password!,
            AutomaticRecoveryEnabled = false,
            Ssl = new() { Enabled = broker.Tls, ServerName = broker.Host },
        };
        return await factory.CreateConnectionAsync(name, cancellationToken);
    }

    /// <summary>What is behind the driver's wrapping.</summary>
    /// <param name="fault">What <see cref="ExchangeAsync"/> threw.</param>
    public static Exception CauseOf(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Exception cause = fault is BrokerUnreachableException { InnerException: { } inner } ? inner : fault;
        // Several addresses of one host fail together.
        while (cause is AggregateException { InnerExceptions.Count: > 0 } several) cause = several.InnerExceptions[0];
        return cause;
    }
}
