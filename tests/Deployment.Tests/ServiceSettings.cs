using Factory.Coordinator;
using Factory.Coordinator.Access;
using Factory.Coordinator.OpenLineage;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Telemetry;
using Factory.GpuWorker;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Presence;
using Factory.Hosting.Objects;
using Factory.Hosting.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Factory.Storage.Provenance;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Deployment.Tests;

/// <summary>The settings that the services have, asked of the services.</summary>
internal static class ServiceSettings
{
    /// <summary>What the host, the database driver, OpenTelemetry, and the command in the coordinator's container read.</summary>
    private static readonly string[] Others = ["shutdownTimeoutSeconds", "PGPASSWORD", TelemetryServices.EndpointVariable, "FACTORY_URL", "FACTORY_API_KEY"];

    private static readonly HashSet<string> Known =
    [
        .. new[]
        {
            (DatabaseOptions.Section, typeof(DatabaseOptions)), (TransportOptions.Section, typeof(TransportOptions)), (ObjectsOptions.Section, typeof(ObjectsOptions)),
            (S3Options.Section, typeof(S3Options)), (DiskCacheOptions.Section, typeof(DiskCacheOptions)), (ApiOptions.Section, typeof(ApiOptions)), (RunOptions.Section, typeof(RunOptions)),
            (DeviceOptions.Section, typeof(DeviceOptions)), (ScratchOptions.Section, typeof(ScratchOptions)), (PresenceOptions.Section, typeof(PresenceOptions)),
            (TelemetryOptions.Section, typeof(TelemetryOptions)), (OpenLineageOptions.Section, typeof(OpenLineageOptions)),
        }.SelectMany(each => each.Item2.GetProperties().Where(property => property.SetMethod is { IsPublic: true }).Select(property => $"{each.Item1}:{property.Name}".Replace(":", "__", StringComparison.Ordinal))),
        .. Others,
    ];

    /// <summary>Names in the environment are of settings that there are.</summary>
    public static void ShouldBeKnown(IEnumerable<string> names) => names.Where(name => !Known.Contains(name)).ShouldBeEmpty();

    /// <summary>A service would start with these settings: it knows each, and its own checks pass.</summary>
    public static void ShouldAccept(string service, IReadOnlyDictionary<string, string> environment)
    {
        ShouldBeKnown(environment.Keys);
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(setting => new KeyValuePair<string, string?>(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value))).Build();
        ServiceCollection services = new();
        services.AddLogging().AddBroker(configuration);
        if (service == "coordinator")
        {
            services.AddFactoryDatabase(configuration).AddObjectStore(configuration, cached: false);
            services.AddFactoryBus(configuration, bus => bus.AddCoordinatorConsumers()).AddCoordinator(configuration).AddCoordinatorTelemetry(configuration);
        }
        else
        {
            services.AddObjectStore(configuration, cached: true).AddFactoryBus(configuration, bus => bus.AddGpuWorkerConsumers(), GpuWorkerServices.ConfigureWorkEndpoints).AddGpuWorker(configuration).AddFactoryTelemetry(configuration, "factory-worker");
        }
        using ServiceProvider provider = services.BuildServiceProvider();

        Should.NotThrow(() => provider.GetRequiredService<IStartupValidator>().Validate());
        provider.GetRequiredService<IOptions<ObjectsOptions>>().Value.Kind.ShouldBe(ObjectStoreKind.S3);
        provider.GetRequiredService<IOptions<TransportOptions>>().Value.Kind.ShouldBe(TransportKind.RabbitMq);
    }
}
