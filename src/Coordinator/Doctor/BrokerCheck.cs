using System.Globalization;
using Factory.Hosting.Transport;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client.Exceptions;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the message broker takes a connection under the configured name, and is recent enough for queues on a majority of brokers.</summary>
/// <param name="transport">The section <c>Transport</c>.</param>
public sealed class BrokerCheck(IConfigurationSection transport) : IDoctorCheck
{
    private const int DefaultPort = 5672;
    private static readonly Version Oldest = new(3, 10);

    /// <inheritdoc/>
    public string Name => "broker";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        if (!ushort.TryParse(transport["Port"] ?? $"{DefaultPort}", CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return CheckResult.Fault($"Transport__Port is '{transport["Port"]}'", "set it to a number from 1 to 65535");
        }
        if (string.IsNullOrEmpty(transport["User"]) || string.IsNullOrEmpty(transport["Password"]))
        {
            return CheckResult.Fault("Transport__User or Transport__Password is not set", "set both; coordinators and workers need them too");
        }
        TransportOptions broker = new()
        {
            Kind = TransportKind.RabbitMq,
            Host = transport["Host"] is { Length: > 0 } host ? host : "localhost",
            Port = port,
            VirtualHost = transport["VirtualHost"] is { Length: > 0 } name ? name : "/",
            User = transport["User"],
            Password = transport["Password"],
            Tls = string.Equals(transport["Tls"], "true", StringComparison.OrdinalIgnoreCase),
        };
        try
        {
            return Judge(broker.Address, await BrokerGreeting.ExchangeAsync(broker, "factory doctor", cancellationToken));
        }
        catch (Exception refused) when (refused is BrokerUnreachableException or OperationInterruptedException)
        {
            return Explain(broker.Address, BrokerGreeting.CauseOf(refused));
        }
    }

    /// <summary>Judges the broker's version; one that says none is taken as it is.</summary>
    /// <param name="address">The broker, without secrets.</param>
    /// <param name="version">What it says.</param>
    public static CheckResult Judge(string address, string version) => Version.TryParse(version, out Version? parsed) && parsed < Oldest
        ? CheckResult.Fault($"{address} is RabbitMQ {version}", $"use RabbitMQ {Oldest} or later: older ones lack what quorum queues need")
        : CheckResult.Ok($"{address} lets this program in, RabbitMQ {version}");

    private static CheckResult Explain(string address, Exception reason)
    {
        string said = reason.Message.Split('\n', 2)[0].Trim();
        return reason switch
        {
            AuthenticationFailureException or PossibleAuthenticationFailureException => CheckResult.Fault($"{address} does not know this user and password", "check Transport__User and Transport__Password"),
            OperationInterruptedException refusal => CheckResult.Fault($"{address} refuses: {refusal.ShutdownReason?.ReplyText ?? said}", "check Transport__VirtualHost, and the user's permissions on it"),
            _ => CheckResult.Fault($"{address} cannot be reached: {said}", "check Transport__Host, Transport__Port and Transport__Tls, and whether the broker runs"),
        };
    }
}
