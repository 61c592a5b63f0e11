using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Bench;

/// <summary>A coordinator of its own planning a large corpus, on SQLite, without a worker: seconds, and the peak of the process's memory.</summary>
internal static class PlanBenchmark
{
    private const double SecondsTarget = 30, MegabytesTarget = 400;

    public static Task<int> RunAsync(int samples) => Measure.InFolderAsync(async folder =>
    {
        await using WebApplication host = Build(folder);
        IDbContextFactory<FactoryDbContext> databases = host.Services.GetRequiredService<IDbContextFactory<FactoryDbContext>>();
        await ReadyRun.AddAsync(databases, host.Services.GetRequiredService<IObjectStore>(), samples, shardSize: 1000);
        double before = Measure.Megabytes("VmRSS");
        await host.StartAsync();
        (double seconds, long items) = await WatchAsync(databases);
        double peak = Measure.Megabytes("VmHWM");
        await host.StopAsync();
        Measure.Print($"plan: {samples} samples as {items} items in {seconds:F2} s (target {SecondsTarget}); peak {peak:F0} MB, {before:F0} MB before (target {MegabytesTarget})");
        return seconds < SecondsTarget && peak < MegabytesTarget ? 0 : 1;
    });

    private static WebApplication Build(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Error).AddFilter("MassTransit", LogLevel.None);
        builder.Configuration["Database:ConnectionString"] = $"Data Source={Path.Combine(folder, "factory.db")}";
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder));
        builder.Services.AddCoordinator(builder.Configuration).AddDispatcher();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddCoordinatorConsumers();
            bus.UsingInMemory((context, transport) => transport.ConfigureEndpoints(context));
        });
        return builder.Build();
    }

    private static async Task<(double Seconds, long Items)> WatchAsync(IDbContextFactory<FactoryDbContext> databases)
    {
        while (true)
        {
            await Task.Delay(20);
            await using FactoryDbContext database = await databases.CreateDbContextAsync();
            RunStep step = await database.RunSteps.AsNoTracking().SingleAsync(step => step.Name == "corpus");
            if (step.State == StepState.Faulted) throw new InvalidOperationException(step.Error);
            if (!step.PlanComplete) continue;
            double seconds = (TimeProvider.System.GetUtcNow().UtcDateTime - step.StartedAt!.Value).TotalSeconds;
            return (seconds, await database.WorkItems.LongCountAsync(item => item.RunStepId == step.Id));
        }
    }
}
