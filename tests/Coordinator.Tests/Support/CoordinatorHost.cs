using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Runs;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Coordinator.Tests.Support;

/// <summary>
/// A coordinator on a folder of blobs and its database, with the in-memory transport and its API on loopback. Without a dispatcher, time stands still until a
/// test moves it, and a test does the dispatcher's and the worker's part by hand; with one, both run by themselves.
/// </summary>
internal sealed class CoordinatorHost : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly Deliveries _deliveries;

    private CoordinatorHost(WebApplication host, Deliveries deliveries) => (_host, _deliveries) = (host, deliveries);

    public FakeTimeProvider Time => (FakeTimeProvider)Service<TimeProvider>();

    public IObjectStore Objects => Service<IObjectStore>();

    public Uri Url => new(_host.Urls.First());

    /// <summary>Starts one on what an earlier one left in the folder.</summary>
    /// <param name="folder">Where its database and blobs are.</param>
    /// <param name="worker">Takes up invitations, with a dispatcher sending them; absent: neither.</param>
    /// <param name="settings">Settings to differ from the defaults; those without a section are of <see cref="RunOptions"/>, but for OpenTelemetry's own.</param>
    public static Task<CoordinatorHost> StartAsync(TestFolder folder, FakeWorker? worker = null, params (string Key, string Value)[] settings) => StartAsync(folder, null, worker, null, settings);

    /// <summary>Starts one with something of a test's own in it.</summary>
    /// <param name="folder">Where its database and blobs are.</param>
    /// <param name="mapped">Maps further endpoints.</param>
    /// <param name="worker">Takes up invitations, with a dispatcher sending them; absent: neither.</param>
    /// <param name="added">Adds services after the coordinator's.</param>
    /// <param name="settings">Settings to differ from the defaults; those without a section are of <see cref="RunOptions"/>, but for OpenTelemetry's own.</param>
    public static async Task<CoordinatorHost> StartAsync(
        TestFolder folder, Action<WebApplication>? mapped, FakeWorker? worker = null, Action<IServiceCollection>? added = null, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key.Contains(':', StringComparison.Ordinal) || setting.Key.StartsWith("OTEL_", StringComparison.Ordinal) ? setting.Key : "Runs:" + setting.Key, setting.Value)));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Database:Provider", folder.Provider.ToString()), new("Database:ConnectionString", folder.ConnectionString)]);
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder.ObjectsPath));
        if (worker is null)
        {
            FakeTimeProvider time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
            builder.Services.AddSingleton<TimeProvider>(time).AddSingleton<IDatabaseClock>(new StandingClock(time));
        }
        builder.Services.AddCoordinator(builder.Configuration);
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddCoordinatorConsumers();
            if (worker is not null) FakeWorkerConsumers.AddTo(bus);
            bus.UsingInMemory((context, transport) =>
            {
                if (worker is not null) FakeWorkerConsumers.ConfigureWorkEndpoints(context, transport);
                transport.ConfigureEndpoints(context);
            });
        });
        if (worker is not null) builder.Services.AddDispatcher().AddSingleton(worker);
        added?.Invoke(builder.Services);
        WebApplication host = builder.Build();
        host.UseCoordinator();
        mapped?.Invoke(host);
        Deliveries deliveries = new();
        host.Services.GetRequiredService<IBusControl>().ConnectConsumeObserver(deliveries);
        CoordinatorHost started = new(host, deliveries);
        await started.ReadAsync(async database => await database.MigrateAsync(CancellationToken.None));
        await host.StartAsync();
        return started;
    }

    public T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Does something with a scoped service.</summary>
    public async Task<TResult> ScopedAsync<TService, TResult>(Func<TService, Task<TResult>> use)
        where TService : notnull
    {
        await using AsyncServiceScope scope = _host.Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Looks into the database, or changes it, with a context of its own.</summary>
    public async Task ReadAsync(Func<FactoryDbContext, Task> read)
    {
        await using FactoryDbContext database = await Service<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync();
        await read(database);
    }

    /// <inheritdoc cref="ReadAsync(Func{FactoryDbContext, Task})"/>
    public async Task<T> ReadAsync<T>(Func<FactoryDbContext, Task<T>> read)
    {
        await using FactoryDbContext database = await Service<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync();
        return await read(database);
    }

    public Task<WorkItem> ItemAsync(long id) => ReadAsync(database => database.WorkItems.AsNoTracking().SingleAsync(item => item.Id == id));

    public Task<Run> RunAsync(int id) => ReadAsync(database => database.Runs.AsNoTracking().Include(run => run.Steps).SingleAsync(run => run.Id == id));

    /// <summary>Delivers a message to the coordinator's consumers and returns when they are done with it.</summary>
    public Task DeliverAsync(object message) => _deliveries.DeliverAsync(Service<IBus>(), message);

    /// <summary>Stores bytes that stand for an artifact.</summary>
    public Task<ObjectRef> StoreAsync(string content) =>
        Objects.PutAsync(System.Text.Encoding.UTF8.GetBytes(content), "application/octet-stream", CancellationToken.None);

    public async Task<int> SubmitAsync(string yaml) => (await ScopedAsync<RunSubmission, Run>(submission => submission.SubmitAsync(yaml, "recipe.yaml", CancellationToken.None))).Id;

    public Task CancelAsync(int runId) => ScopedAsync<RunControl, int>(async control =>
    {
        await control.CancelAsync(runId, CancellationToken.None);
        return 0;
    });

    public Task RetryAsync(int runId) => ScopedAsync<RunControl, int>(async control =>
    {
        await control.RetryAsync(runId, CancellationToken.None);
        return 0;
    });

    /// <summary>Waits until a run with a dispatcher is over.</summary>
    public async Task<RunSnapshot> FinishAsync(int runId)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(60));
        return await Service<RunSnapshots>().WatchAsync(null, runId, timeout.Token).LastAsync(timeout.Token);
    }

    /// <summary>Leaves it as a crash would: nothing is given back, nothing is said.</summary>
    public void Abandon()
    {
        foreach (IHostedService service in _host.Services.GetServices<IHostedService>().OfType<BackgroundService>()) _ = service.StopAsync(CancellationToken.None);
        _ = (Service<IDispatchLeadership>() as IAsyncDisposable)?.DisposeAsync().AsTask();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
    }

    /// <summary>A database whose clock, too, a test moves.</summary>
    private sealed class StandingClock(TimeProvider time) : IDatabaseClock
    {
        public Task<DateTime> NowAsync(FactoryDbContext database, CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow().UtcDateTime);
    }
}
