using System.Text;
using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Telemetry;
using Factory.Coordinator.Tests.Access;
using Factory.Coordinator.Tests.Recipes;
using Factory.Coordinator.Tests.Support;
using Factory.Hosting.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Coordinator.Tests.Telemetry;

/// <summary>What a coordinator measures, where it is read, and what is written about it.</summary>
public sealed partial class MetricsTests : IDisposable
{
    private const string Page = "docs/telemetry.md", Update = "FACTORY_UPDATE_DOCS";
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CompletedRun_IsInTheFiguresThatPrometheusReads()
    {
        await using CoordinatorHost host = await WatchedAsync(new FakeWorker(), new());
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        await host.FinishAsync(await host.SubmitAsync(TestRecipe.Small));
        await host.Service<DatabaseGauges>().ReadAsync(CancellationToken.None);

        using HttpClient client = host.Client(null);
        string read = await client.GetStringAsync(Routes.Metrics);

        foreach (MetricDefinition metric in new[] { FactoryMetrics.Items, FactoryMetrics.Runs, FactoryMetrics.AttemptsBegun, FactoryMetrics.AttemptsEnded, FactoryMetrics.Samples, FactoryMetrics.RunsEnded })
        {
            read.ShouldContain($"\n{metric.PrometheusName}{{", customMessage: read);
        }
        read.ShouldContain($"\n{FactoryMetrics.ClaimDuration.PrometheusName}_bucket{{");
        read.ShouldContain($"\n{FactoryMetrics.CommitDuration.PrometheusName}_bucket{{");
        read.ShouldContain("state=\"Pending\"");
    }

    [Fact]
    public async Task Gauges_SayWhatWaits()
    {
        CapturedLog log = new();
        await using CoordinatorHost host = await WatchedAsync(null, log);
        int run = await host.SubmitSmallAsync();
        await host.AdvanceAsync(run);
        await host.Service<DatabaseGauges>().ReadAsync(CancellationToken.None);
        log.Lines.Where(line => line.Contains("could not be read", StringComparison.Ordinal)).ShouldBeEmpty();

        using HttpClient client = host.Client(null);
        string read = await client.GetStringAsync(Routes.Metrics);

        Regex.IsMatch(read, @"factory_items\{[^}]*state=""Pending""[^}]*\} 1\n").ShouldBeTrue(read);
        Regex.IsMatch(read, @"factory_runs\{[^}]*state=""Running""[^}]*\} 1\n").ShouldBeTrue(read);
    }

    [Fact]
    public async Task CollectorThatIsAway_IsToldInOneLine_AndWorkGoesOn()
    {
        CapturedLog log = new();
        await using CoordinatorHost host = await WatchedAsync(
            new FakeWorker(), log, (TelemetryServices.EndpointVariable, "http://127.0.0.1:9"), ("OTEL_BSP_SCHEDULE_DELAY", "50"), ("OTEL_METRIC_EXPORT_INTERVAL", "50"), ("OTEL_BLRP_SCHEDULE_DELAY", "50"));
        await host.RegisterAsync(await TestCollection.MakeAsync(host));

        (await host.FinishAsync(await host.SubmitAsync(TestRecipe.Small))).Run.State.ShouldBe(RunState.Completed);

        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!log.Lines.Any(IsOfTelemetry)) await Task.Delay(50, patience.Token);
        await Task.Delay(500, patience.Token);
        log.Lines.Count(IsOfTelemetry).ShouldBe(1);

        static bool IsOfTelemetry(string line) => line.Contains("Telemetry does not reach", StringComparison.Ordinal);
    }

    [Fact]
    public void AddressThatIsNone_IsALine()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new(TelemetryServices.EndpointVariable, "collector:4317")]).Build();
        using ServiceProvider services = new ServiceCollection().AddLogging().AddFactoryTelemetry(configuration, "factory-worker").BuildServiceProvider();

        Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => services.GetRequiredService<Microsoft.Extensions.Options.IStartupValidator>().Validate())
            .Failures.ShouldBe(["OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as http://collector:4317, not 'collector:4317'."]);
    }

    [Fact]
    public void Table_IsThatOfTheMetrics()
    {
        string file = Path.Combine(RecipeText.Root, Page);
        string renewed = GeneratedTable().Replace(File.ReadAllText(file), match => match.Groups[1].Value + Table() + match.Groups[2].Value);

        if (Environment.GetEnvironmentVariable(Update) == "1") File.WriteAllText(file, renewed);

        (File.ReadAllText(file) == renewed).ShouldBeTrue($"{Page} no longer says what is measured: run {Update}=1 dotnet run --project tests/Coordinator.Tests, and commit it");
    }

    [Fact]
    public void Metrics_AreNamedOnceAndDescribed()
    {
        FactoryMetrics.All.Select(metric => metric.Name).ShouldBeUnique();
        FactoryMetrics.All.ShouldAllBe(metric => metric.Name.StartsWith("factory.") && metric.Description.Length > 10 && metric.Unit.Length > 0);
    }

    private Task<CoordinatorHost> WatchedAsync(FakeWorker? worker, CapturedLog log, params (string Key, string Value)[] variables) => CoordinatorHost.StartAsync(
        _folder, null, worker, services => services.AddSingleton<ILoggerProvider>(log)
            .AddCoordinatorTelemetry(new ConfigurationBuilder().AddInMemoryCollection(variables.Select(variable => new KeyValuePair<string, string?>(variable.Key, variable.Value))).Build()),
        variables);

    private static string Table()
    {
        StringBuilder table = new("| Metric | In Prometheus | Kind | Unit | Told apart by | What it says |\n|---|---|---|---|---|---|\n");
        foreach (MetricDefinition metric in FactoryMetrics.All)
        {
            string apart = string.Join(", ", metric.Attributes.Select(attribute => $"`{attribute}`"));
            table.Append($"| `{metric.Name}` | `{metric.PrometheusName}` | {metric.Kind.ToString().ToLowerInvariant()} | `{metric.Unit}` | {apart} | {metric.Description} |\n");
        }
        return table.ToString();
    }

    [GeneratedRegex(@"(<!-- metrics.*?-->\n\n).*?(\n<!-- /metrics -->)", RegexOptions.Singleline)]
    private static partial Regex GeneratedTable();
}
