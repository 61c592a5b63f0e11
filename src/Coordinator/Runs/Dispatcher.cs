using System.Diagnostics;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs.Attempts;
using Factory.Hosting.Telemetry;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Runs;

/// <summary>
/// The coordinator's loop: reaps lost attempts, moves runs on, and keeps a bounded window of invitations out for each run. Of several coordinators on one database one does so;
/// the others stand by.
/// </summary>
internal sealed partial class Dispatcher(
    IDbContextFactory<FactoryDbContext> databases, IDispatchLeadership leadership, RunAdvance advance, AttemptLedger ledger, IBus bus,
    IOptions<RunOptions> options, IOptions<TelemetryOptions> telemetry, IDatabaseClock clock, TimeProvider time, RunSignal signal, ILogger<Dispatcher> logger) : BackgroundService
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    // Changes come in crowds; what comes during the pause shares one round.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly RecentMost _busy = new(time);
    // The last item that each run was invited to: of a million the next ones are found from there, and what came back from before it in the sweeps.
    private readonly Dictionary<int, (int StepId, long Ordinal)> _latest = [];
    private bool _everything;
    private long? _swept;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _everything = options.Value.QueueIsVolatile;
        while (!stoppingToken.IsCancellationRequested)
        {
            Task changed = signal.Changed;
            try
            {
                if (await leadership.HoldsAsync(stoppingToken)) await RoundAsync(stoppingToken);
                await Task.WhenAny(changed, Task.Delay(options.Value.PollInterval, time, stoppingToken));
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            // The loop is a host's edge: it outlives a database that is away for a while.
            catch (Exception fault)
            {
                LogFault(fault);
                await Task.Delay(options.Value.PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (_swept is not { } swept || time.GetElapsedTime(swept) >= options.Value.PollInterval)
        {
            _latest.Clear();
            await ledger.ReapAsync(_everything, cancellationToken);
            _everything = false;
            foreach (ActiveRun run in await ActiveRunsAsync(cancellationToken)) await AdvanceAsync(run.Id, cancellationToken);
            _swept = time.GetTimestamp();
        }
        else
        {
            foreach (int run in await RunsDueAsync(cancellationToken)) await AdvanceAsync(run, cancellationToken);
        }
        await InviteAsync(await ActiveRunsAsync(cancellationToken), cancellationToken);
    }

    // What is wrong with one run is no reason to leave the others.
    private async Task AdvanceAsync(int runId, CancellationToken cancellationToken)
    {
        try
        {
            await advance.AdvanceAsync(runId, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException && !DatabaseFaults.IsPassing(fault))
        {
            LogStuck(runId, fault);
        }
    }

    private async Task<List<int>> RunsDueAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        return await RunMove.MayBeDue(database, Active(database)).OrderBy(run => run.Id).Select(run => run.Id).ToListAsync(cancellationToken);
    }

    private async Task<List<ActiveRun>> ActiveRunsAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        // Not the whole row: recipes are long, and this is asked with every change.
        var runs = await Active(database).OrderBy(run => run.Id).Select(run => new { run.Id, run.Numerics, run.Priority, run.TraceParent }).ToListAsync(cancellationToken);
        return runs.ConvertAll(run => new ActiveRun(run.Id, run.Numerics.Device, run.Priority, run.TraceParent));
    }

    private static IQueryable<Run> Active(FactoryDbContext database) => database.Runs
        .Where(run => run.State != RunState.Completed && run.State != RunState.Faulted && run.State != RunState.Canceled);

    private async Task InviteAsync(List<ActiveRun> runs, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        // What was granted beside an invitation's item counts for nothing here: its worker is busy with the item that it was invited to.
        var outside = await database.WorkItems.Where(item => item.State == ItemState.Invited || (item.State == ItemState.Running && item.InvitedAt != null))
            .GroupBy(item => new { item.RunId, item.State }).Select(group => new { group.Key.RunId, group.Key.State, Count = group.Count() }).ToListAsync(cancellationToken);
        foreach (IGrouping<string, ActiveRun> device in runs.GroupBy(run => run.Device))
        {
            List<ActiveRun> sharing = [.. device];
            int busy = outside.Where(count => count.State == ItemState.Running && sharing.Exists(run => run.Id == count.RunId)).Sum(count => count.Count);
            IReadOnlyList<int> shares = DispatchShares.Of(sharing.ConvertAll(run => run.Priority), options.Value.Window, _busy.With(device.Key, busy));
            foreach ((ActiveRun run, int share) in sharing.Zip(shares))
            {
                int free = share - outside.Where(count => count.RunId == run.Id).Sum(count => count.Count);
                if (free > 0) await InviteAsync(database, run, free, cancellationToken);
            }
        }
    }

    /// <summary>Fills the run's share. Items are marked before their invitations are sent: one that gets lost in between is sent again after a while.</summary>
    private async Task InviteAsync(FactoryDbContext database, ActiveRun run, int free, CancellationToken cancellationToken)
    {
        DateTime now = await clock.NowAsync(database, cancellationToken);
        List<WorkItem> items = await NextAsync(database, run, free, now, cancellationToken);
        if (items.Count == 0) return;
        _latest[run.Id] = (items[^1].RunStepId, items[^1].Ordinal);
        List<long> ids = items.ConvertAll(item => item.Id);
        int marked = await database.WorkItems.Where(item => ids.Contains(item.Id) && item.State == ItemState.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(item => item.State, ItemState.Invited).SetProperty(item => item.InvitedAt, now), cancellationToken);
        if (marked < items.Count)
        {
            // A cancel, or a claim by way of an earlier invitation, came in between: it stays.
            HashSet<long> invited = await database.WorkItems.Where(item => ids.Contains(item.Id) && item.State == ItemState.Invited && item.InvitedAt == now)
                .Select(item => item.Id).ToHashSetAsync(cancellationToken);
            items.RemoveAll(item => !invited.Contains(item.Id));
        }
        await Task.WhenAll(items.Select(item => SendAsync(item, run)));
    }

    private async Task<List<WorkItem>> NextAsync(FactoryDbContext database, ActiveRun run, int most, DateTime now, CancellationToken cancellationToken)
    {
        IQueryable<WorkItem> pending = database.WorkItems.AsNoTracking().Where(item => item.RunId == run.Id && item.State == ItemState.Pending && item.NotBefore <= now);
        if (_latest.TryGetValue(run.Id, out var latest))
        {
            List<WorkItem> following = await pending.Where(item => item.RunStepId == latest.StepId && item.Ordinal > latest.Ordinal).OrderBy(item => item.Ordinal).Take(most).ToListAsync(cancellationToken);
            if (following.Count == most) return following;
        }
        return await pending.OrderBy(item => item.RunStepId).ThenBy(item => item.Ordinal).Take(most).ToListAsync(cancellationToken);
    }

    private async Task SendAsync(WorkItem item, ActiveRun run)
    {
        IWorkCommand command = WorkCommands.Restore(item);
        using Activity? span = FactoryTrace.Continue(
            "dispatch", run.TraceParent, apart: item.Ordinal >= telemetry.Value.ItemsInRunTrace, new(FactoryTrace.Run, run.Id), new(FactoryTrace.Step, command.Order.Step),
            new(FactoryTrace.Item, item.Id), new(FactoryTrace.ItemKey, $"{command.Order.Step}/{item.Ordinal}"), new(FactoryTrace.Kind, item.Kind));
        ISendEndpoint queue = await bus.GetSendEndpoint(WorkCommands.AddressOf(command.GetType(), run.Device, run.Priority));
        // Not cut short when the host stops: a marked item and its invitation belong together.
        using CancellationTokenSource patience = new(SendTimeout, time);
        await queue.Send(command, command.GetType(), patience.Token).WaitAsync(patience.Token);
    }

    private sealed record ActiveRun(int Id, string Device, RunPriority Priority, string? TraceParent);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {RunId} cannot be moved on; the others are")]
    private partial void LogStuck(int runId, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The dispatcher stumbled and goes on")]
    private partial void LogFault(Exception fault);
}
