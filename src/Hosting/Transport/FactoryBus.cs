using Factory.Contracts.Work;
using Factory.Hosting.Dependencies;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Hosting.Transport;

/// <summary>The bus of a host: the same consumers and queues on every transport.</summary>
public static class FactoryBus
{
    // Answers and announcements are small and quick; work is not, and has endpoints of its own.
    private const int Prefetch = 64, RetryLimit = 12;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200), LongestRetry = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the broker at start; for hosts that are part of a distributed factory.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="TransportOptions.Section"/>.</param>
    public static IServiceCollection AddBroker(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return IsInMemory(configuration) ? services : services.AddSingleton<IDependency, BrokerDependency>();
    }

    /// <summary>Adds the bus.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="TransportOptions.Section"/>.</param>
    /// <param name="consumers">Adds the host's consumers.</param>
    /// <param name="workEndpoints">Configures the queues that a worker takes invitations from; absent on a host that is no worker.</param>
    public static IServiceCollection AddFactoryBus(
        this IServiceCollection services, IConfiguration configuration,
        Action<IBusRegistrationConfigurator> consumers, Action<IBusRegistrationContext, IReceiveConfigurator>? workEndpoints = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(consumers);
        services.AddOptions<TransportOptions>().Bind(configuration.GetSection(TransportOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        bool inMemory = IsInMemory(configuration);
        return services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            // Nobody is told how this is used.
            bus.DisableUsageTelemetry();
            bus.AddConfigureEndpointsCallback((_, _, endpoint) =>
            {
                // What is said must survive a broker; endpoints of one process go with it.
                bool lasting = !endpoint.InputAddress.Query.Contains("temporary=true", StringComparison.Ordinal) && !endpoint.InputAddress.Query.Contains("autodelete=true", StringComparison.Ordinal);
                // A database or store that is away for a while comes back; what waits here is not computed again.
                endpoint.UseMessageRetry(retry => retry.Exponential(RetryLimit, FirstRetry, LongestRetry, FirstRetry));
                if (lasting && endpoint is IRabbitMqReceiveEndpointConfigurator rabbit) rabbit.SetQuorumQueue();
            });
            consumers(bus);
            if (inMemory) bus.UsingInMemory((context, transport) => Configure(context, transport, workEndpoints));
            else bus.UsingRabbitMq((context, transport) => ConfigureRabbit(context, transport, workEndpoints));
        });
    }

    /// <summary>Makes a queue of work what it is on every host that declares it: one invitation at a time, kept on a majority of brokers, set aside after too many deliveries.</summary>
    /// <param name="endpoint">The queue.</param>
    /// <param name="transport">How messages travel.</param>
    public static void AsWorkQueue(this IReceiveEndpointConfigurator endpoint, TransportOptions transport)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(transport);
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = 1;
        endpoint.ConcurrentMessageLimit = 1;
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator rabbit) return;
        rabbit.SetQuorumQueue();
        foreach ((string name, object value) in WorkQueueTopology.PoliciesOf(transport)) rabbit.SetQueueArgument(name, value);
    }

    internal static void Connect(IRabbitMqBusFactoryConfigurator transport, TransportOptions options) =>
        transport.Host(options.Host, options.Port, options.VirtualHost, host =>
        {
            host.Username(options.User!);
            host.Password(options.Password!);
            if (options.Tls) host.UseSsl(tls => tls.ServerName = options.Host);
        });

    // What is registered depends on the kind alone; a value that is none is told by validation.
    private static bool IsInMemory(IConfiguration configuration) =>
        !Enum.TryParse(configuration.GetSection(TransportOptions.Section)[nameof(TransportOptions.Kind)], ignoreCase: true, out TransportKind kind) || kind == TransportKind.InMemory;

    private static void ConfigureRabbit(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator transport, Action<IBusRegistrationContext, IReceiveConfigurator>? workEndpoints)
    {
        Connect(transport, context.GetRequiredService<IOptions<TransportOptions>>().Value);
        transport.PrefetchCount = Prefetch;
        Configure(context, transport, workEndpoints);
    }

    private static void Configure<TEndpoint>(IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> transport, Action<IBusRegistrationContext, IReceiveConfigurator>? workEndpoints)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        workEndpoints?.Invoke(context, transport);
        transport.ConfigureEndpoints(context);
    }
}
