using Factory.GpuWorker;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Presence;
using Factory.Hosting;
using Factory.Hosting.Dependencies;
using Factory.Hosting.Objects;
using Factory.Hosting.Telemetry;
using Factory.Hosting.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A worker of a distributed factory: a bus, an object store, a device.
if (args is [ServiceMain.HealthArgument]) return OwnHealth.Ask(Host.CreateApplicationBuilder().Configuration, TimeProvider.System, Console.Error);
try
{
    return await ServiceMain.RunAsync("factory-worker", () => Build(args), (host, cancellationToken) => host.Services.WaitForDependenciesAsync(cancellationToken));
}
catch (PermanentWorkException device)
{
    await Console.Error.WriteLineAsync($"factory-worker: {device.Message}");
    return 1;
}

static IHost Build(string[] arguments)
{
    HostApplicationBuilder builder = Host.CreateApplicationBuilder(arguments);
    builder.Logging.AddFactoryConsole(builder.Configuration);
    builder.Services.AddObjectStore(builder.Configuration, cached: true);
    builder.Services.AddBroker(builder.Configuration);
    builder.Services.AddFactoryBus(builder.Configuration, bus => bus.AddGpuWorkerConsumers(), GpuWorkerServices.ConfigureWorkEndpoints);
    builder.Services.AddGpuWorker(builder.Configuration).AddFactoryTelemetry(builder.Configuration, "factory-worker");
    return builder.Build();
}
