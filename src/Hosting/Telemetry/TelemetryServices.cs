using Factory.Contracts;
using Factory.Hosting.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Factory.Hosting.Telemetry;

/// <summary>Adds traces, metrics and logs to a host. Nothing leaves it unless <see cref="EndpointVariable"/> is set, and then as the variables of OpenTelemetry say.</summary>
public static class TelemetryServices
{
    /// <summary>The variable that names the collector.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Seconds; from a claim to a night of training.
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    /// <summary>Adds them.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="TelemetryOptions.Section"/> and the variables of OpenTelemetry.</param>
    /// <param name="service">Name of the service, unless <c>OTEL_SERVICE_NAME</c> gives another.</param>
    /// <param name="metrics">Adds where else metrics come from or go.</param>
    /// <param name="traces">Adds where else spans come from; called only where they are exported.</param>
    public static IServiceCollection AddFactoryTelemetry(
        this IServiceCollection services, IConfiguration configuration, string service, Action<MeterProviderBuilder>? metrics = null, Action<TracerProviderBuilder>? traces = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string? endpoint = configuration[EndpointVariable];
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection(TelemetryOptions.Section)).ValidateDataAnnotations()
            .Validate(_ => string.IsNullOrEmpty(endpoint) || IsAddress(endpoint), $"{EndpointVariable} must be an address such as http://collector:4317, not '{endpoint}'.").ValidateOnStart();
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, serviceVersion: FactoryBuild.Current, serviceInstanceId: $"{Environment.MachineName}/{Environment.ProcessId}").AddEnvironmentVariableDetector())
            .WithMetrics(meters =>
            {
                meters.AddMeter(FactoryMetrics.Meters).AddRuntimeInstrumentation();
                foreach (MetricDefinition metric in FactoryMetrics.All.Where(metric => metric.Kind == MetricKind.Histogram)) meters.AddView(metric.Name, new ExplicitBucketHistogramConfiguration { Boundaries = Bounds });
                metrics?.Invoke(meters);
            });
        // Without an exporter there is nobody to listen, and spans are not even made.
        if (!IsAddress(endpoint)) return services;
        services.AddHostedService<ExportWatch>();
        services.Configure<OpenTelemetryLoggerOptions>(logs => (logs.IncludeScopes, logs.IncludeFormattedMessage) = (true, true));
        telemetry.WithLogging().UseOtlpExporter().WithTracing(spans =>
        {
            spans.AddSource(FactoryTrace.SourceName, MessageSpans.Source).AddProcessor(new MessageSpans(SystemOf(configuration)));
            traces?.Invoke(spans);
        });
        return services;
    }

    /// <summary>Makes log lines what the settings say, see <see cref="TelemetryOptions.LogFormat"/>.</summary>
    /// <param name="logging">The host's logging.</param>
    /// <param name="configuration">Read for <see cref="TelemetryOptions.Section"/>.</param>
    public static ILoggingBuilder AddFactoryConsole(this ILoggingBuilder logging, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        // A value that is none is told by validation.
        bool json = string.Equals(configuration.GetSection(TelemetryOptions.Section)[nameof(TelemetryOptions.LogFormat)], nameof(LogFormat.Json), StringComparison.OrdinalIgnoreCase);
        return json
            ? logging.AddJsonConsole(console => (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"))
            : logging.AddSimpleConsole(console => console.SingleLine = true);
    }

    private static bool IsAddress(string? endpoint) => Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) && (address.Scheme is "http" or "https");

    private static string SystemOf(IConfiguration configuration) =>
        configuration.GetSection(TransportOptions.Section).GetValue(nameof(TransportOptions.Kind), nameof(TransportKind.InMemory)) == nameof(TransportKind.RabbitMq) ? "rabbitmq" : "in-memory";
}
