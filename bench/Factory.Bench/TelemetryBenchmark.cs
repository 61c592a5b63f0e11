using System.Net;
using System.Net.Sockets;
using Factory.Contracts.Api;
using Factory.Hosting.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace Factory.Bench;

/// <summary>
/// What traces, metrics and logs cost the making of samples: the same step with telemetry off and on in turns, exporting to a collector in this process that drops all it gets. What they cost
/// items without work is measured by <c>items</c>, run in turns without and with the variable that names a collector.
/// </summary>
internal static class TelemetryBenchmark
{
    private const double Target = 0.02;

    /// <summary>Whether a benchmark's services make telemetry.</summary>
    public static bool IsOn(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[TelemetryServices.EndpointVariable]);

    /// <summary>Measures it.</summary>
    /// <param name="preset">The generator.</param>
    /// <param name="samples">Samples of a step.</param>
    /// <param name="rounds">How often each way; medians count.</param>
    public static async Task<int> RunAsync(string preset, int samples, int rounds)
    {
        List<double> off = [], on = [];
        // The first one compiles the code and warms the machine.
        await SecondsAsync(preset, samples);
        for (int round = 0; round < rounds; round++)
        {
            off.Add(await SecondsAsync(preset, samples));
            await using Telemetry telemetry = await Telemetry.StartAsync();
            on.Add(await SecondsAsync(preset, samples));
            await telemetry.SendAsync();
            if (telemetry.Requests == 0) throw new InvalidOperationException("nothing was exported");
        }
        double without = Measure.Median(off), with = Measure.Median(on), cost = (with / without) - 1;
        Measure.Print($"telemetry: {preset}, {samples} samples: {without:F2} s without, {with:F2} s with, cost {cost:P1} (target {Target:P0}); all: {string.Join(' ', off.Select(s => s.ToString("F2", null)))} / {string.Join(' ', on.Select(s => s.ToString("F2", null)))}");
        return cost < Target ? 0 : 1;
    }

    private static Task<double> SecondsAsync(string preset, int samples) => Measure.InFolderAsync(async folder =>
    {
        StepOutput output = await UntrainedFactory.SynthesizeAsync(folder, preset, samples, Math.Max(1, samples / 8));
        return output.WallSeconds!.Value;
    });

    /// <summary>What a service's telemetry listens with, and where it sends.</summary>
    private sealed class Telemetry : IAsyncDisposable
    {
        private readonly HttpListener _collector = new();
        private readonly ServiceProvider _services;
        private readonly Task _serving;

        private Telemetry()
        {
            string address = $"http://127.0.0.1:{FreePort()}/";
            _collector.Prefixes.Add(address);
            _collector.Start();
            _serving = ServeAsync();
            IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                [TelemetryServices.EndpointVariable] = address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "5000",
            }).Build();
            _services = new ServiceCollection().AddLogging().AddSingleton(configuration)
                .AddFactoryTelemetry(configuration, "factory-worker", traces: traces => traces.AddSource("Microsoft.AspNetCore")).BuildServiceProvider();
        }

        /// <summary>Requests of the exporters.</summary>
        public int Requests { get; private set; }

        public static async Task<Telemetry> StartAsync()
        {
            Telemetry telemetry = new();
            foreach (IHostedService service in telemetry._services.GetServices<IHostedService>()) await service.StartAsync(CancellationToken.None);
            return telemetry;
        }

        /// <summary>Sends what is not sent yet.</summary>
        public Task SendAsync() => Task.Run(() => _services.GetRequiredService<TracerProvider>().ForceFlush());

        public async ValueTask DisposeAsync()
        {
            await _services.DisposeAsync();
            _collector.Stop();
            await _serving;
        }

        private static int FreePort()
        {
            using TcpListener any = new(IPAddress.Loopback, 0);
            any.Start();
            return ((IPEndPoint)any.LocalEndpoint).Port;
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                try
                {
                    HttpListenerContext context = await _collector.GetContextAsync();
                    await context.Request.InputStream.CopyToAsync(Stream.Null);
                    Requests++;
                    context.Response.Close();
                }
                catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
