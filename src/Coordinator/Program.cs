using Factory.Coordinator;
using Factory.Coordinator.Access;
using Factory.Coordinator.Health;
using Factory.Coordinator.Telemetry;
using Factory.Hosting;
using Factory.Hosting.Dependencies;
using Factory.Hosting.Objects;
using Factory.Hosting.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Provenance;
using Microsoft.Extensions.Options;

// A coordinator of a distributed factory: API, planning, dispatch, commits. Any number may run side by side on one PostgreSQL database.
if (args is [ServiceMain.HealthArgument]) return await OwnHealth.AskAsync(WebApplication.CreateBuilder().Configuration, Console.Error, CancellationToken.None);
return await ServiceMain.RunAsync("factory-coordinator", () => Build(args), PrepareAsync);

static WebApplication Build(string[] arguments)
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(arguments);
    builder.Logging.AddFactoryConsole(builder.Configuration).AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
    builder.Services.AddFactoryDatabase(builder.Configuration).AddSingleton<IDependency, DatabaseDependency>();
    builder.Services.AddObjectStore(builder.Configuration, cached: false);
    builder.Services.AddBroker(builder.Configuration);
    builder.Services.AddFactoryBus(builder.Configuration, bus => bus.AddCoordinatorConsumers());
    builder.Services.AddCoordinator(builder.Configuration).AddDispatcher().AddReplicaRelay().AddCoordinatorTelemetry(builder.Configuration);
    builder.WebHost.UseUrls(builder.Configuration.GetSection(ApiOptions.Section).Get<ApiOptions>()?.Listen ?? new ApiOptions().Listen);
    WebApplication host = builder.Build();
    host.UseCoordinator();
    return host;
}

static async Task PrepareAsync(WebApplication host, CancellationToken cancellationToken)
{
    await host.Services.WaitForDependenciesAsync(cancellationToken);
    await WorkQueueTopology.DeclareAsync(host.Services.GetRequiredService<IOptions<TransportOptions>>().Value, cancellationToken);
}
