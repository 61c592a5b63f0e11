using System.Diagnostics;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Factory.Bench;

/// <summary>
/// Items planned, dispatched and committed by a coordinator, and worked on by workers in processes of their own whose device is a wait. Database and broker are those of the
/// environment, set as for the services (docs/configuration.md); the database must be empty.
/// </summary>
internal static class ItemsBenchmark
{
    /// <summary>Measures items a second, and what an item costs beyond its device's time.</summary>
    /// <param name="items">How many items.</param>
    /// <param name="processes">Processes of workers.</param>
    /// <param name="workers">Workers in each, with a device each.</param>
    /// <param name="milliseconds">What an item takes on the device.</param>
    /// <param name="samples">Samples of an item whose provenance is recorded; 1: none.</param>
    public static Task<int> RunAsync(int items, int processes, int workers, int milliseconds, int samples) => Measure.InFolderAsync(async folder =>
    {
        await using WebApplication host = Build(folder);
        IDbContextFactory<FactoryDbContext> databases = host.Services.GetRequiredService<IDbContextFactory<FactoryDbContext>>();
        await WorkQueueTopology.DeclareAsync(host.Services.GetRequiredService<IOptions<TransportOptions>>().Value, CancellationToken.None);
        await ReadyRun.AddAsync(databases, host.Services.GetRequiredService<IObjectStore>(), checked(items * samples), shardSize: samples);
        List<Process> started = [.. Enumerable.Range(0, processes).Select(_ => WaitingWorkers.Start(workers, milliseconds, folder))];
        try
        {
            foreach (Process process in started) await WaitingWorkers.ReadyAsync(process);
            await host.StartAsync();
            (double planned, double seconds) = await WatchAsync(databases, items);
            double overhead = await OverheadAsync(databases, milliseconds);
            Measure.Print($"items: {items} of {milliseconds} ms with {processes} x {workers} workers: planned in {planned:F2} s, all committed in {seconds:F2} s: {items / seconds:F1}/s");
            Measure.Print($"items: claim to commit beyond the device: median {overhead:F1} ms; coordinator {Measure.Megabytes("VmRSS"):F0} MB");
            await host.StopAsync();
        }
        finally
        {
            foreach (Process process in started) process.Kill();
        }
        return 0;
    });

    private static WebApplication Build(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Error);
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder));
        builder.Services.AddBroker(builder.Configuration);
        builder.Services.AddFactoryBus(builder.Configuration, bus => bus.AddCoordinatorConsumers());
        builder.Services.AddCoordinator(builder.Configuration).AddDispatcher().AddReplicaRelay();
        if (TelemetryBenchmark.IsOn(builder.Configuration)) builder.Services.AddCoordinatorTelemetry(builder.Configuration);
        return builder.Build();
    }

    private static async Task<(double Planned, double Seconds)> WatchAsync(IDbContextFactory<FactoryDbContext> databases, int items)
    {
        long began = Stopwatch.GetTimestamp();
        double? planned = null;
        int tenths = 0;
        while (true)
        {
            // Counting is work for the database too.
            await Task.Delay(planned is null ? 100 : 500);
            await using FactoryDbContext database = await databases.CreateDbContextAsync();
            RunStep step = await database.RunSteps.AsNoTracking().SingleAsync(step => step.Name == "corpus");
            if (step.State == StepState.Faulted) throw new InvalidOperationException(step.Error);
            if (!step.PlanComplete) continue;
            planned ??= Stopwatch.GetElapsedTime(began).TotalSeconds;
            long done = await database.WorkItems.LongCountAsync(item => item.Kind == "GenerateShard" && item.State == ItemState.Completed);
            if (done * 10 / items is var reached && reached > tenths)
            {
                tenths = (int)reached;
                Measure.Print($"items: {done} committed after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s; coordinator {Measure.Megabytes("VmRSS"):F0} MB, at most {Measure.Megabytes("VmHWM"):F0} MB");
            }
            if (done == items) return (planned.Value, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    }

    private static async Task<double> OverheadAsync(IDbContextFactory<FactoryDbContext> databases, int milliseconds)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        var attempts = await database.Attempts.Where(attempt => attempt.Outcome == "committed").Select(attempt => new { attempt.StartedAt, attempt.EndedAt }).ToListAsync();
        return Measure.Median(attempts.Select(attempt => (attempt.EndedAt!.Value - attempt.StartedAt).TotalMilliseconds)) - milliseconds;
    }
}
