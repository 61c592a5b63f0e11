using System.Net.Sockets;
using Factory.Coordinator;
using Factory.GpuWorker;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Factory.Cli.Hosting;

/// <summary>
/// A coordinator, and where asked a worker, in this process: in-memory transport, SQLite, a folder. This is the composition root of the embedded factory and
/// the only place that knows it is embedded.
/// </summary>
public sealed class EmbeddedFactory : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);
    private readonly WebApplication _host;
    private readonly DataFolder _folder;

    private EmbeddedFactory(WebApplication host, DataFolder folder) => (_host, _folder) = (host, folder);

    /// <summary>Address of the API, on loopback.</summary>
    public Uri Url => new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Starts one.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="CliException">The folder is in use or cannot be written, or the port is taken.</exception>
    public static async Task<EmbeddedFactory> StartAsync(EmbeddedOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        DataFolder folder = DataFolder.Hold(options.DataFolder);
        try
        {
            WebApplication host = Build(options, folder);
            await MigrateAsync(host, cancellationToken);
            await host.StartAsync(cancellationToken);
            EmbeddedFactory factory = new(host, folder);
            folder.Say(factory.Url.ToString());
            return factory;
        }
        catch (IOException taken) when (taken.InnerException?.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            || taken.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            folder.Dispose();
            throw new CliException($"port {options.Port} is taken by another process; choose another with --port.");
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Its object store.</summary>
    internal IObjectStore Objects => _host.Services.GetRequiredService<IObjectStore>();

    /// <summary>Waits until the process is asked to stop.</summary>
    /// <param name="cancellationToken">Stops the wait.</param>
    public Task WaitAsync(CancellationToken cancellationToken) => _host.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops: attempts in work are given back, what is committed stays.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource timeout = new(StopTimeout);
        await _host.StopAsync(timeout.Token);
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private static WebApplication Build(EmbeddedOptions options, DataFolder folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Neither settings nor their changes are looked for in the folder that the command was called in.
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = nameof(DatabaseProvider.Sqlite),
            ["Database:ConnectionString"] = folder.ConnectionString,
            ["Objects:Folder"] = folder.ObjectsPath,
            ["Transport:Kind"] = nameof(TransportKind.InMemory),
            ["Runs:QueueIsVolatile"] = "true",
            ["Runs:OutagePatience"] = "00:00:00",
            ["Runs:Device"] = options.Device.StartsWith("cuda", StringComparison.Ordinal) ? "cuda" : "cpu",
            ["Device:Name"] = options.Device,
            ["Scratch:Folder"] = folder.ScratchPath,
            // Open on loopback, whatever the environment says to a coordinator.
            ["Api:Key"] = "",
            ["Api:RequestsPerMinute"] = "",
            ["Api:Oidc:Authority"] = "",
        });
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Error).AddFilter("MassTransit", LogLevel.Error)
            // A start that fails is told in one line by the command.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            // What the database refuses is thrown to whoever asked, and told there.
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder.ObjectsPath));
        builder.Services.AddCoordinator(builder.Configuration);
        builder.Services.AddFactoryBus(
            builder.Configuration,
            bus =>
            {
                bus.AddCoordinatorConsumers();
                if (options.Work) bus.AddGpuWorkerConsumers();
            },
            options.Work ? GpuWorkerServices.ConfigureWorkEndpoints : null);
        if (options.Work) builder.Services.AddDispatcher().AddGpuWorker(builder.Configuration);
        WebApplication host = builder.Build();
        host.UseCoordinator();
        return host;
    }

    // One process, one folder: the schema is brought up to date on the way. Services on a cluster never do that.
    private static async Task MigrateAsync(WebApplication host, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await host.Services.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync(cancellationToken);
        await database.MigrateAsync(cancellationToken);
    }
}

/// <summary>Where and how an embedded factory runs.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>The data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Whether runs are worked on. Without, the factory only answers questions, and torch is never loaded.</summary>
    public required bool Work { get; init; }

    /// <summary>Device to work on: <c>auto</c>, <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Port of the API on loopback; 0: any free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>Least level of log lines, on standard error. Default warnings.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}
