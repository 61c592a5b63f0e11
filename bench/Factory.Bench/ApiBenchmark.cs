using System.Collections.Concurrent;
using System.Diagnostics;
using Factory.Contracts.Api;
using Factory.Coordinator;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Bench;

/// <summary>List and status calls of a real coordinator over HTTP, at a steady rate, on a database that has worked for long.</summary>
internal static class ApiBenchmark
{
    private const int Runs = 1000, RequestsPerSecond = 50, WarmUpSeconds = 5;
    private const double MillisecondsTarget = 20;
    private static readonly string[] Calls = ["runs", "runs, an older page", "run", "run that is not over", "workers", "checkpoints", "collections", "audit"];

    /// <summary>Measures their 99th percentile.</summary>
    /// <param name="items">Items of 1,000 runs.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="server">Connection string of a PostgreSQL server; null: that of the tests.</param>
    public static Task<int> RunAsync(int items, int seconds, string? server) => BenchDatabase.InNewAsync("api", server, async options =>
    {
        double filling = await Measure.SecondsAsync(async () =>
        {
            await using FactoryDbContext database = FactoryDatabase.Open(options);
            await database.MigrateAsync(CancellationToken.None);
            await ApiData.FillAsync(database, Runs, items);
        });
        Measure.Print($"api: {Runs} runs, {items} items, written by the server in {filling:F0} s; {RequestsPerSecond} requests/s for {seconds} s");
        return await Measure.InFolderAsync(folder => MeasureAsync(options, folder, seconds));
    });

    private static async Task<int> MeasureAsync(DatabaseOptions options, string folder, int seconds)
    {
        await using WebApplication host = Build(options, folder);
        await host.StartAsync();
        using HttpClient client = new() { BaseAddress = new(host.Urls.First()) };
        await AskAsync(client, WarmUpSeconds);
        IReadOnlyList<(int Call, double Milliseconds)> answers = await AskAsync(client, seconds);
        for (int call = 0; call < Calls.Length; call++) Report(Calls[call], answers.Where(answer => answer.Call == call));
        double most = Report("all", answers);
        double large = Measure.Median([.. await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TimeAsync(client, $"{Routes.Runs}/1")))]);
        Measure.Print($"  run with a tenth of all items: {large:F1} ms");
        bool indexed = await ExplainAsync(client, options);
        await host.StopAsync();
        return indexed && most < MillisecondsTarget ? 0 : 1;
    }

    // Each request at its time, whatever became of those before: a slow answer must not make the next one late.
    private static async Task<IReadOnlyList<(int Call, double Milliseconds)>> AskAsync(HttpClient client, int seconds)
    {
        ConcurrentBag<(int, double)> answers = [];
        List<Task> asked = [];
        long began = Stopwatch.GetTimestamp();
        for (int request = 0; request < seconds * RequestsPerSecond; request++)
        {
            TimeSpan wait = TimeSpan.FromSeconds((double)request / RequestsPerSecond) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await Task.Delay(wait);
            int call = request % Calls.Length;
            string path = PathOf(call, request);
            asked.Add(Task.Run(async () => answers.Add((call, await TimeAsync(client, path)))));
        }
        await Task.WhenAll(asked);
        return [.. answers];
    }

    private static string PathOf(int call, int request) => call switch
    {
        0 => Routes.Runs,
        1 => $"{Routes.Runs}?before={2 + (request * 37 % Runs)}",
        2 => $"{Routes.Runs}/{2 + (request * 37 % (Runs - 20))}",
        3 => $"{Routes.Runs}/{Runs - (request % 10)}",
        4 => Routes.Workers,
        5 => Routes.Checkpoints,
        6 => Routes.Collections,
        _ => Routes.Audit,
    };

    private static async Task<double> TimeAsync(HttpClient client, string path)
    {
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await client.GetAsync(path);
        await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double Report(string name, IEnumerable<(int Call, double Milliseconds)> answers)
    {
        double[] sorted = [.. answers.Select(answer => answer.Milliseconds).Order()];
        double p99 = sorted[sorted.Length * 99 / 100];
        Measure.Print($"  {name}: p50 {sorted[sorted.Length / 2]:F1} ms, p99 {p99:F1} ms, most {sorted[^1]:F1} ms");
        return p99;
    }

    private static async Task<bool> ExplainAsync(HttpClient client, DatabaseOptions options)
    {
        using QueryPlans listening = new();
        for (int call = 0; call < Calls.Length; call++) await TimeAsync(client, PathOf(call, call));
        List<string> plans = await listening.ExplainAsync(options.ConnectionString);
        List<string> scans = plans.FindAll(plan => plan.Contains("Seq Scan on work_items", StringComparison.Ordinal) || plan.Contains("Seq Scan on attempts", StringComparison.Ordinal));
        Measure.Print($"  items by index: {(scans.Count == 0 ? "yes" : "NO")}");
        (Environment.GetEnvironmentVariable("FACTORY_BENCH_PLANS") == "1" ? plans : scans).ForEach(Console.WriteLine);
        return scans.Count == 0;
    }

    private static WebApplication Build(DatabaseOptions options, string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Database:Provider"] = options.Provider.ToString();
        builder.Configuration["Database:ConnectionString"] = options.ConnectionString;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Error);
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder));
        builder.Services.AddFactoryBus(builder.Configuration, bus => bus.AddCoordinatorConsumers());
        builder.Services.AddCoordinator(builder.Configuration);
        WebApplication host = builder.Build();
        host.UseCoordinator();
        return host;
    }
}
