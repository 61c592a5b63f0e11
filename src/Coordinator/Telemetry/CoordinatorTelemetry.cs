using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.OpenLineage;
using Factory.Hosting.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Factory.Coordinator.Telemetry;

/// <summary>The telemetry of a coordinator's host.</summary>
public static class CoordinatorTelemetry
{
    private static readonly string[] Quiet = [Routes.Health, Routes.Ready, Routes.Metrics];

    /// <summary>Adds it: traces of requests, the gauges of the database, <see cref="Routes.Metrics"/>, and events of lineage where they are configured.</summary>
    /// <param name="services">The host's services, which have those of the coordinator.</param>
    /// <param name="configuration">Read for <see cref="OpenLineageOptions.Section"/>, and as <see cref="TelemetryServices.AddFactoryTelemetry"/> says.</param>
    public static IServiceCollection AddCoordinatorTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddFactoryTelemetry(
            configuration, "factory-coordinator",
            metrics => metrics.AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql").AddPrometheusExporter(),
            traces => traces.AddAspNetCoreInstrumentation(requests => requests.Filter = request => !Quiet.Contains(request.Request.Path.Value)));
        services.AddSingleton<DatabaseGauges>().AddHostedService(provider => provider.GetRequiredService<DatabaseGauges>());
        IConfigurationSection lineage = configuration.GetSection(OpenLineageOptions.Section);
        services.AddOptions<OpenLineageOptions>().Bind(lineage).ValidateDataAnnotations().ValidateOnStart();
        return string.IsNullOrEmpty(lineage[nameof(OpenLineageOptions.Endpoint)]) ? services : services.AddHostedService<LineageReports>();
    }

    /// <summary>Maps <see cref="Routes.Metrics"/> where the host has telemetry.</summary>
    /// <param name="host">The host.</param>
    public static void MapMetrics(this WebApplication host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Services.GetService<MeterProvider>() is null) return;
        host.MapPrometheusScrapingEndpoint(Routes.Metrics).RequireAuthorization(Rights.Watch).WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));
    }
}
