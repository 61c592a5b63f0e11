using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Hosting.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Factory.Coordinator.Telemetry;

/// <summary>The telemetry of a coordinator's host.</summary>
public static class CoordinatorTelemetry
{
    private static readonly string[] Quiet = [Routes.Health, Routes.Ready, Routes.Metrics];

    /// <summary>Adds it: traces of requests, the gauges of the database, and <see cref="Routes.Metrics"/>.</summary>
    /// <param name="services">The host's services, which have those of the coordinator.</param>
    /// <param name="configuration">Read as <see cref="TelemetryServices.AddFactoryTelemetry"/> says.</param>
    public static IServiceCollection AddCoordinatorTelemetry(this IServiceCollection services, IConfiguration configuration) => services
        .AddFactoryTelemetry(
            configuration, "factory-coordinator",
            metrics => metrics.AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql").AddPrometheusExporter(),
            traces => traces.AddAspNetCoreInstrumentation(requests => requests.Filter = request => !Quiet.Contains(request.Request.Path.Value)))
        .AddHostedService<DatabaseGauges>();

    /// <summary>Maps <see cref="Routes.Metrics"/> where the host has telemetry.</summary>
    /// <param name="host">The host.</param>
    public static void MapMetrics(this WebApplication host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Services.GetService<MeterProvider>() is null) return;
        host.MapPrometheusScrapingEndpoint(Routes.Metrics).RequireAuthorization(Rights.Watch).WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));
    }
}
