using System.Diagnostics;
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
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeliveryPause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _device = new(1, 1);
    private readonly IBus _bus;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly WorkerMeter _meter;
    private readonly ILogger<AttemptRunner> _logger;
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly Lock _lock = new();
    private (int RunId, AttemptRef Attempt, CancellationTokenSource Cancel)? _current;
    private TimeSpan _rest;

    /// <summary>Makes the runner of a worker; there is one, since there is one device.</summary>
    /// <param name="bus">Where claims, signs of life and results go.</param>
    /// <param name="lifetime">Says when the worker stops.</param>
    /// <param name="time">Paces signs of life.</param>
    /// <param name="meter">Counts and times attempts.</param>
    /// <param name="logger">Log.</param>
    public AttemptRunner(IBus bus, IHostApplicationLifetime lifetime, TimeProvider time, WorkerMeter meter, ILogger<AttemptRunner> logger) =>
        (_bus, _lifetime, _time, _meter, _logger) = (bus, lifetime, time, meter, logger);

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
    /// <param name="compute">The computation; its result is published.</param>
    /// <param name="delivery">Canceled when the connection that brought the invitation is gone.</param>
    public async Task RunAsync<TResult>(IWorkCommand command, Func<AttemptContext, Task<TResult>> compute, CancellationToken delivery = default)
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

    private async Task TakeUpAsync<TResult>(IWorkCommand command, Func<AttemptContext, Task<TResult>> compute)
        where TResult : class
    {
        CancellationToken stopping = _lifetime.ApplicationStopping;
        if (command.Order.Contract > WorkContract.Version)
        {
            await GiveBackAsync(command, WrongWorkerPause, $"it is written in version {command.Order.Contract} of the contracts, this worker knows {WorkContract.Version}; update the worker");
            return;
        }
        try
        {
            if (!await _device.WaitAsync(Patience, stopping))
            {
                await GiveBackAsync(command, TimeSpan.Zero, "this worker is busy with other work, or rests");
                return;
            }
        }
        catch (OperationCanceledException)
        {
            await GiveBackAsync(command, TimeSpan.Zero, "this worker is stopping");
            return;
        }
        try
        {
            if (stopping.IsCancellationRequested) await GiveBackAsync(command, TimeSpan.Zero, "this worker is stopping");
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
    private async Task<bool> ClaimAndAttemptAsync<TResult>(IWorkCommand command, Func<AttemptContext, Task<TResult>> compute, CancellationToken stopping)
        where TResult : class
    {
        (AttemptGranted? granted, AttemptRefused? refused) = await ClaimAsync(command);
        if (granted is not null) return await AttemptAsync(command, granted, compute, stopping);
        if (!refused!.WrongWorker)
        {
            LogRefused(command.Order.ItemId, refused.Reason);
            return true;
        }
        _rest = Longer(_rest);
        await GiveBackAsync(command, TimeSpan.Zero, refused.Reason);
        return false;
    }

    // Not cut short when the worker stops: the coordinator may have counted the attempt, and only who hears of it can give it back.
    private async Task<(AttemptGranted? Granted, AttemptRefused? Refused)> ClaimAsync(IWorkCommand command)
    {
        IRequestClient<ClaimAttempt> client = _bus.CreateRequestClient<ClaimAttempt>(AnswerTimeout);
        Response<AttemptGranted, AttemptRefused> answer = await client.GetResponse<AttemptGranted, AttemptRefused>(
            new ClaimAttempt { ItemId = command.Order.ItemId, Worker = _worker, Build = FactoryBuild.Current }, CancellationToken.None)
            .AnsweredWithinAsync(AnswerTimeout, _time, CancellationToken.None);
        if (answer.Is(out Response<AttemptGranted>? granted)) return (granted.Message, null);
        answer.Is(out Response<AttemptRefused>? refused);
        return (null, refused!.Message);
    }

    // Where this fails too, the coordinator invites again when nobody took the invitation up.
    private async Task GiveBackAsync(IWorkCommand command, TimeSpan pause, string reason)
    {
        LogGivenBack(command.Order.ItemId, reason);
        try
        {
            await _bus.PublishWithinAsync(
                new InvitationReturned { ItemId = command.Order.ItemId, Pause = pause, Reason = reason }, DeliveryTimeout, _time, CancellationToken.None);
        }
        catch (Exception unheard) when (BusPatience.IsUndelivered(unheard))
        {
            LogUnclaimed(command.Order.ItemId, unheard.Message);
        }
    }

    /// <summary>Publishes what became of an attempt, for as long as the attempt is this worker's: a broker that is away comes back.</summary>
    private async Task DeliverAsync<T>(T outcome, CancellationToken lost)
        where T : class
    {
        while (true)
        {
            try
            {
                await _bus.PublishWithinAsync(outcome, DeliveryTimeout, _time, lost);
                return;
            }
            catch (Exception undelivered) when (!lost.IsCancellationRequested && BusPatience.IsUndelivered(undelivered))
            {
                LogUndelivered(undelivered.Message);
                await Task.Delay(DeliveryPause, _time, lost);
            }
        }
    }

    /// <summary>Makes an attempt. Its answer is whether this worker may go on at once.</summary>
    private async Task<bool> AttemptAsync<TResult>(
        IWorkCommand command, AttemptGranted granted, Func<AttemptContext, Task<TResult>> compute, CancellationToken stopping)
        where TResult : class
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (_lock) _current = (command.Order.RunId, granted.Attempt, cancel);
        using AttemptRecord record = new(command, granted.Attempt, _meter, _time);
        AttemptContext context = new(granted.Attempt, record.Phases, record.Uploaded, cancel.Token);
        await using Heartbeat heartbeat = new(granted.Lease, () => context.Latest, _bus, _time);
        await using CancellationTokenRegistration lost = heartbeat.LeaseLost.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), cancel);
        try
        {
            cancel.Token.ThrowIfCancellationRequested();
            TResult result = await compute(context);
            _rest = TimeSpan.Zero;
            await DeliverAsync(result, heartbeat.LeaseLost);
            record.Completed();
            return true;
        }
        // Whatever is thrown once the attempt is to end is the ending.
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // A canceled run wants nothing more of it, and a lost lease is another's by now; a stopping worker gives the item to another.
            LogEnded(command.Order.ItemId, granted.Attempt.Number);
            if (stopping.IsCancellationRequested) await ReturnAsync(granted.Attempt);
            return true;
        }
        // The edge of a computation: whatever broke it is told to the coordinator, which decides.
        catch (Exception fault)
        {
            record.Failed(fault);
            bool surroundings = WorkFault.IsOfSurroundings(fault);
            _rest = surroundings ? Longer(_rest) : TimeSpan.Zero;
            if (surroundings) LogRests(command.Order.ItemId, granted.Attempt.Number, WorkFault.Describe(fault), _rest.TotalSeconds);
            else LogFailed(fault, command.Order.ItemId, granted.Attempt.Number);
            await DeliverAsync(
                new AttemptFailed { Attempt = granted.Attempt, Error = WorkFault.Describe(fault), Permanent = WorkFault.IsPermanent(fault), OfSurroundings = surroundings },
                heartbeat.LeaseLost);
            return !surroundings;
        }
        finally
        {
            lock (_lock) _current = null;
        }
    }

    private static TimeSpan Longer(TimeSpan rest) => rest == TimeSpan.Zero ? FirstRest : rest * 2 < LongestRest ? rest * 2 : LongestRest;

    private async Task ReturnAsync(AttemptRef attempt)
    {
        IRequestClient<ReturnAttempt> client = _bus.CreateRequestClient<ReturnAttempt>(AnswerTimeout);
        await client.GetResponse<AttemptTakenBack>(new ReturnAttempt { Attempt = attempt }, CancellationToken.None).AnsweredWithinAsync(AnswerTimeout, _time, CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: claim refused: {Reason}")]
    private partial void LogRefused(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: invitation given back: {Reason}")]
    private partial void LogGivenBack(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: the connection that brought the invitation is lost; what was begun goes on")]
    private partial void LogDeliveryLost(long itemId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker does not take a result ({Reason}); trying again")]
    private partial void LogUndelivered(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: invitation left or attempt unfinished: {Reason}")]
    private partial void LogUnclaimed(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: attempt {Attempt} ended before it was done: its run was canceled, its lease ran out, or the worker is stopping")]
    private partial void LogEnded(long itemId, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: attempt {Attempt} failed: {Reason} This worker rests for {Seconds} s")]
    private partial void LogRests(long itemId, int attempt, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: attempt {Attempt} failed")]
    private partial void LogFailed(Exception fault, long itemId, int attempt);
}
