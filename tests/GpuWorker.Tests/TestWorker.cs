using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Factory.GpuWorker.Tests;

/// <summary>A worker as a host composes it, on the in-memory transport with a folder as its object store, beside a stand-in for the coordinator.</summary>
public sealed class TestWorker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("factory-worker-").FullName;
    private readonly ServiceProvider _services;
    private long _items = 1000;

    private TestWorker(FakeTimeProvider? time, (string Key, string Value)[] settings)
    {
        Objects = new FileSystemObjectStore(Path.Combine(_folder, "store"));
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Device:Name"] = "cpu",
            ["Scratch:Folder"] = Path.Combine(_folder, "scratch"),
        }).AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value))).Build();
        ServiceCollection services = new();
        services.AddLogging();
        if (time is not null) services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<IHostApplicationLifetime>(Lifetime).AddSingleton(Ledger).AddSingleton(Objects);
        services.AddMassTransitTestHarness(bus =>
        {
            // A corpus is shared by whole classes; after this the harness takes its end for canceled.
            bus.SetTestTimeouts(testTimeout: TimeSpan.FromMinutes(30));
            bus.AddConsumer<StandInCoordinator>();
            bus.AddGpuWorkerConsumers();
            bus.UsingInMemory((context, transport) =>
            {
                GpuWorkerServices.ConfigureWorkEndpoints(context, transport);
                transport.ConfigureEndpoints(context);
            });
        });
        services.AddOptions<TransportOptions>();
        services.AddGpuWorker(configuration);
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public IObjectStore Objects { get; }

    public Ledger Ledger { get; } = new();

    public StoppableLifetime Lifetime { get; } = new();

    public IServiceProvider Services => _services;

    public ITestHarness Harness => _services.GetRequiredService<ITestHarness>();

    public static async Task<TestWorker> StartAsync(FakeTimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        TestWorker worker = new(time, settings);
        await worker.Harness.Start();
        return worker;
    }

    /// <summary>An order of an item that nothing else uses.</summary>
    public WorkOrder Order(int runId = 1, string device = "cpu") => new()
    {
        RunId = runId,
        ItemId = Interlocked.Increment(ref _items),
        Step = "step",
        Numerics = new() { Device = device, Threads = 1 },
    };

    /// <summary>Invites to an item and waits for what comes of it: a result, a failure or a return.</summary>
    public async Task<object> InviteAsync<TCommand>(TCommand command)
        where TCommand : class, IWorkCommand
    {
        await SendAsync(command);
        return await Ledger.OutcomeOf(command.Order.ItemId).WaitAsync(Patience);
    }

    /// <summary>Invites to an item and expects its result.</summary>
    public async Task<TResult> DoAsync<TResult>(IWorkCommand command)
    {
        await SendAsync(command);
        object outcome = await Ledger.OutcomeOf(command.Order.ItemId).WaitAsync(Patience);
        return outcome is AttemptFailed failed ? throw new InvalidOperationException(failed.Error) : outcome.ShouldBeOfType<TResult>();
    }

    /// <summary>Puts an invitation into its queue.</summary>
    public async Task SendAsync(IWorkCommand command)
    {
        ISendEndpoint queue = await Harness.Bus.GetSendEndpoint(new($"exchange:{WorkQueues.NameOf(command.GetType(), "cpu", RunPriority.Bulk)}"));
        await queue.Send(command, command.GetType());
    }

    public async ValueTask DisposeAsync()
    {
        // The harness stops hosted services when it is disposed, as a host does: before what they use is disposed.
        if (Harness is IAsyncDisposable harness) await harness.DisposeAsync();
        await _services.DisposeAsync();
        Lifetime.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A host's lifetime that a test ends.</summary>
public sealed class StoppableLifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}
