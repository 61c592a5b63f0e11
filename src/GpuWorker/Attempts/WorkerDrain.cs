using Microsoft.Extensions.Hosting;

namespace Factory.GpuWorker.Attempts;

/// <summary>Holds the host's stop until the attempt in work is given back. Registered after the bus, so that it stops before it.</summary>
internal sealed class WorkerDrain(AttemptRunner runner) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => runner.DrainAsync(cancellationToken);
}
