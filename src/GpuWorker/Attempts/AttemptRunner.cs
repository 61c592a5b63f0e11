using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Telemetry;
using Factory.Hosting.Telemetry;
using Factory.Hosting.Transport;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Factory.GpuWorker.Attempts;

/// <summary>
/// The one protocol behind every kind of work: wait for the device, claim an attempt, compute, publish the result. An attempt is claimed only when it can
/// begin, and whatever becomes of it is said in a message: nothing is thrown at the queue, which knows invitations only.
/// </summary>
public sealed partial class AttemptRunner : IDisposable
{
    // Longer than the gap between two items; shorter than others should wait for what this worker only holds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(5), LongestRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WrongWorkerPause = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _device = new(1, 1);
    private readonly IBus _bus;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly WorkerMeter _meter;
    private readonly ILogger<AttemptRunner> _logger;
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly Lock _lock = new();
    private readonly AttemptMessages _messages;
    private readonly Pace _pace = new();
    private (int RunId, AttemptRef Attempt, CancellationTokenSource Cancel)? _current;
    private TimeSpan _rest;

    /// <summary>Makes the runner of a worker; there is one, since there is one device.</summary>
    /// <param name="bus">Where claims, signs of life and results go.</param>
    /// <param name="lifetime">Says when the worker stops.</param>
    /// <param name="time">Paces signs of life.</param>
    /// <param name="meter">Counts and times attempts.</param>
    /// <param name="logger">Log.</param>
    public AttemptRunner(IBus bus, IHostApplicationLifetime lifetime, TimeProvider time, WorkerMeter meter, ILogger<AttemptRunner> logger) =>
        (_bus, _lifetime, _time, _meter, _logger, _messages) = (bus, lifetime, time, meter, logger, new(bus, time, logger));

    /// <summary>Name of this worker, unique among live workers.</summary>
    public string Worker => _worker;

    /// <summary>The attempt in work; null when idle.</summary>
    public AttemptRef? Current
    {
        get
        {
            lock (_lock) return _current?.Attempt;
        }
    }

    /// <summary>
    /// Takes up an invitation. An attempt lives by its lease, not by its delivery: when the connection is lost that brought the invitation, this returns and the attempt goes on,
    /// because the transport makes no new connection until its consumers have let go of the old one.
    /// </summary>
    /// <param name="command">The invitation.</param>
    /// <param name="compute">The computation, of the invitation's item or another of the same step; its result is published.</param>
    /// <param name="delivery">Canceled when the connection that brought the invitation is gone.</param>
    public async Task RunAsync<TCommand, TResult>(TCommand command, Func<TCommand, AttemptContext, Task<TResult>> compute, CancellationToken delivery = default)
        where TCommand : class, IWorkCommand
        where TResult : class
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(compute);
        using IDisposable? scope = _logger.BeginScope(new Dictionary<string, object> { ["RunId"] = command.Order.RunId, ["Step"] = command.Order.Step, ["ItemId"] = command.Order.ItemId });
        Task taken = TakeUpAsync(command, compute);
        await taken.WaitAsync(delivery).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (taken.IsCompleted) await taken;
        else LogDeliveryLost(command.Order.ItemId);
    }

    private async Task TakeUpAsync<TCommand, TResult>(TCommand command, Func<TCommand, AttemptContext, Task<TResult>> compute)
        where TCommand : class, IWorkCommand
        where TResult : class
    {
        CancellationToken stopping = _lifetime.ApplicationStopping;
        if (command.Order.Contract > WorkContract.Version)
        {
            await _messages.GiveBackAsync(command.Order.ItemId, WrongWorkerPause, $"it is written in version {command.Order.Contract} of the contracts, this worker knows {WorkContract.Version}; update the worker");
            return;
        }
        try
        {
            if (!await _device.WaitAsync(Patience, stopping))
            {
                await _messages.GiveBackAsync(command.Order.ItemId, TimeSpan.Zero, "this worker is busy with other work, or rests");
                return;
            }
        }
        catch (OperationCanceledException)
        {
            await _messages.GiveBackAsync(command.Order.ItemId, TimeSpan.Zero, "this worker is stopping");
            return;
        }
        try
        {
            if (stopping.IsCancellationRequested) await _messages.GiveBackAsync(command.Order.ItemId, TimeSpan.Zero, "this worker is stopping");
            else if (!await ClaimAndAttemptAsync(command, compute, stopping))
            {
                // What failed for want of a disk or a store, or is not for this build, would fail with the next items too, faster than other workers can do them.
                await Task.Delay(_rest, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        // A claim that was counted unheard, like an attempt that could not be given back, is one whose lease runs out.
        catch (Exception unanswered) when (unanswered is MassTransitException or OperationCanceledException)
        {
            LogUnclaimed(command.Order.ItemId, unanswered.Message);
        }
        finally
        {
            _device.Release();
        }
    }

    /// <summary>Waits for an exclusive use of the device, for questions that are no work item.</summary>
    /// <param name="compute">What to do with it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<T> BorrowDeviceAsync<T>(Func<Task<T>> compute, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(compute);
        await _device.WaitAsync(cancellationToken);
        try
        {
            return await compute();
        }
        finally
        {
            _device.Release();
        }
    }

    /// <summary>Drops what is being done for a run.</summary>
    /// <param name="runId">The run.</param>
    public void Cancel(int runId)
    {
        lock (_lock)
        {
            if (_current is { } current && current.RunId == runId) current.Cancel.Cancel();
        }
    }

    /// <summary>Waits until no attempt is in work; to be called when the worker stops, while the bus still runs.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await _device.WaitAsync(cancellationToken);
        _device.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    /// <summary>Does an item if it is this worker's to do.</summary>
    /// <returns>Whether this worker is fit for the next one.</returns>
    private async Task<bool> ClaimAndAttemptAsync<TCommand, TResult>(TCommand command, Func<TCommand, AttemptContext, Task<TResult>> compute, CancellationToken stopping)
        where TCommand : class, IWorkCommand
        where TResult : class
    {
        long began = _time.GetTimestamp();
        (AttemptGranted? granted, AttemptRefused? refused) = await _messages.ClaimAsync(new() { ItemId = command.Order.ItemId, Most = _pace.MostOf(command.Order), Worker = _worker, Build = FactoryBuild.Current });
        if (granted is not null)
        {
            bool fit = await AttemptAllAsync(command, granted, compute, stopping);
            _pace.Took(command.Order, _time.GetElapsedTime(began) / (1 + granted.Further.Count));
            return fit;
        }
        if (!refused!.WrongWorker)
        {
            LogRefused(command.Order.ItemId, refused.Reason);
            return true;
        }
        _rest = Longer(_rest);
        await _messages.GiveBackAsync(command.Order.ItemId, TimeSpan.Zero, refused.Reason);
        return false;
    }

    /// <summary>Makes the attempts that were granted, one after another. Its answer is whether this worker may go on at once.</summary>
    private async Task<bool> AttemptAllAsync<TCommand, TResult>(
        TCommand command, AttemptGranted first, Func<TCommand, AttemptContext, Task<TResult>> compute, CancellationToken stopping)
        where TCommand : class, IWorkCommand
        where TResult : class
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        List<(TCommand Command, AttemptRef Attempt)> granted = [(command, first.Attempt)];
        granted.AddRange(first.Further.Select(further => (JsonSerializer.Deserialize<TCommand>(further.Command, ContractJson.Options)!, further.Attempt)));
        List<HeldAttempt<TCommand>> all = granted.ConvertAll(one => new HeldAttempt<TCommand>(one.Command, one.Attempt, first.Lease, _bus, _time));
        bool fit = true;
        try
        {
            foreach (HeldAttempt<TCommand> held in all)
            {
                if (fit) fit = await AttemptAsync(held, compute, cancel, stopping);
                else await _messages.ReturnAsync(held.Attempt);
            }
        }
        finally
        {
            lock (_lock) _current = null;
            foreach (HeldAttempt<TCommand> held in all) await held.DisposeAsync();
        }
        return fit;
    }

    /// <summary>Makes an attempt. Its answer is whether this worker may go on at once.</summary>
    private async Task<bool> AttemptAsync<TCommand, TResult>(
        HeldAttempt<TCommand> held, Func<TCommand, AttemptContext, Task<TResult>> compute, CancellationTokenSource all, CancellationToken stopping)
        where TCommand : class, IWorkCommand
        where TResult : class
    {
        (TCommand command, AttemptRef attempt, CancellationToken leaseLost) = (held.Command, held.Attempt, held.Heartbeat.LeaseLost);
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(all.Token, leaseLost);
        lock (_lock) _current = (command.Order.RunId, attempt, all);
        using AttemptRecord record = new(command, attempt, _meter, _time);
        AttemptContext context = held.Begin(record, cancel.Token);
        try
        {
            cancel.Token.ThrowIfCancellationRequested();
            TResult result = await compute(command, context);
            _rest = TimeSpan.Zero;
            await _messages.DeliverAsync(result, leaseLost);
            record.Completed();
            return true;
        }
        // Whatever is thrown once the attempt is to end is the ending.
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // A canceled run wants nothing more of it, and a lost lease is another's by now; a stopping worker gives the item to another.
            LogEnded(attempt.ItemId, attempt.Number);
            if (stopping.IsCancellationRequested) await _messages.ReturnAsync(attempt);
            return true;
        }
        // The edge of a computation: whatever broke it is told to the coordinator, which decides.
        catch (Exception fault)
        {
            record.Failed(fault);
            bool surroundings = WorkFault.IsOfSurroundings(fault);
            _rest = surroundings ? Longer(_rest) : TimeSpan.Zero;
            if (surroundings) LogRests(attempt.ItemId, attempt.Number, WorkFault.Describe(fault), _rest.TotalSeconds);
            else LogFailed(fault, attempt.ItemId, attempt.Number);
            await _messages.DeliverAsync(
                new AttemptFailed { Attempt = attempt, Error = WorkFault.Describe(fault), Permanent = WorkFault.IsPermanent(fault), OfSurroundings = surroundings }, leaseLost);
            return !surroundings;
        }
    }

    private static TimeSpan Longer(TimeSpan rest) => rest == TimeSpan.Zero ? FirstRest : rest * 2 < LongestRest ? rest * 2 : LongestRest;

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: claim refused: {Reason}")]
    private partial void LogRefused(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: the connection that brought the invitation is lost; what was begun goes on")]
    private partial void LogDeliveryLost(long itemId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: invitation left or attempt unfinished: {Reason}")]
    private partial void LogUnclaimed(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: attempt {Attempt} ended before it was done: its run was canceled, its lease ran out, or the worker is stopping")]
    private partial void LogEnded(long itemId, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: attempt {Attempt} failed: {Reason} This worker rests for {Seconds} s")]
    private partial void LogRests(long itemId, int attempt, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: attempt {Attempt} failed")]
    private partial void LogFailed(Exception fault, long itemId, int attempt);
}
