using Factory.GpuWorker.Devices;
using Microsoft.Extensions.Hosting;

namespace Factory.GpuWorker.Attempts;

/// <summary>
/// Chooses the device before the host starts, so that a worker whose device is missing does not start; and holds the host's stop until the attempt in work is
/// given back. Registered after the bus, so that it stops before it.
/// </summary>
internal sealed class WorkerDrain(AttemptRunner runner, TorchDevice device) : IHostedService
{
    /// <summary>The device.</summary>
    public TorchDevice Device => device;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => runner.DrainAsync(cancellationToken);
}
