using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Devices;
using Factory.Hosting.Transport;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Presence;

/// <summary>
/// Says that this worker is there and what it does: at its start, at an even pace, and at its stop; to this machine too, if asked (<see cref="LifeSign"/>). Registered after the bus and before <see cref="WorkerDrain"/>, so
/// that its last word is sent when the attempt in work is given back and the bus still runs.
/// </summary>
internal sealed partial class WorkerPresence(
    IBus bus, AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, IOptions<PresenceOptions> options, TimeProvider time, ILogger<WorkerPresence> logger)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly DateTime _started = time.GetUtcNow().UtcDateTime;
    private readonly DeviceFacts _facts = DeviceFacts.Of(device);
    private readonly LifeSign? _sign = options.Value.File is { Length: > 0 } file ? new(file, options.Value.Interval, time) : null;
    private Task _loop = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = SayAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TrySendAsync(Describe() with { Stopped = true }, cancellationToken);
        _sign?.Remove();
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    private async Task SayAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            Sign();
            await TrySendAsync(Describe(), _over.Token);
            await Task.Delay(options.Value.Interval, time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What cannot be written is missed by who reads it; the worker works on.
    private void Sign()
    {
        try
        {
            _sign?.Write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogUnsigned(fault.Message);
        }
    }

    private WorkerSeen Describe() => new()
    {
        Worker = runner.Worker,
        Build = FactoryBuild.Current,
        Device = device.Kind,
        DeviceName = _facts.Name,
        DeviceBytes = _facts.Bytes,
        Threads = device.Threads,
        Checkpoints = checkpoints.Digests,
        Attempt = runner.Current,
        StartedAt = _started,
        SentAt = time.GetUtcNow().UtcDateTime,
    };

    private async Task TrySendAsync(WorkerSeen seen, CancellationToken cancellationToken)
    {
        // What waits on a queue for longer is no sign of life any more.
        TimeSpan patience = options.Value.Interval * 3;
        try
        {
            await bus.PublishWithinAsync(seen, patience, time, cancellationToken, lifetime: patience);
        }
        // Whatever the bus has: the worker works on, and is silent meanwhile.
        catch (Exception fault)
        {
            if (!_over.IsCancellationRequested) LogSilent(fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign of life cannot be written: {Reason}")]
    private partial void LogUnsigned(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The worker could not say that it is there: {Reason}")]
    private partial void LogSilent(string reason);
}
