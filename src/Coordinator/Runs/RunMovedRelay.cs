using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using MassTransit;

namespace Factory.Coordinator.Runs;

/// <summary>Tells the other coordinators when this one changed a run: the one that dispatches must not find out by polling. Several changes in a row are told once.</summary>
internal sealed class RunMovedRelay(RunSignal signal, IBus bus, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), SendTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Name of this process among coordinators.</summary>
    public static string Self { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Task changed = signal.Changed;
            if (signal.TakeOwn()) await TellAsync(stoppingToken);
            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, stoppingToken));
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            await bus.PublishWithinAsync(new RunMoved { Coordinator = Self }, SendTimeout, time, cancellationToken);
        }
        catch (Exception unheard) when (BusPatience.IsUndelivered(unheard))
        {
            // The others look by themselves after a poll interval.
            return;
        }
    }
}
