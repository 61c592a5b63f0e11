using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs.Attempts;
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
    IOptions<RunOptions> options, TimeProvider time, RunSignal signal, ILogger<Dispatcher> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool everything = options.Value.QueueIsVolatile;
        while (!stoppingToken.IsCancellationRequested)
        {
            Task changed = signal.Changed;
            try
            {
                if (await leadership.HoldsAsync(stoppingToken))
                {
                    await ledger.ReapAsync(everything, stoppingToken);
                    everything = false;
                    await DispatchAsync(stoppingToken);
                }
                await Task.WhenAny(changed, Task.Delay(options.Value.PollInterval, time, stoppingToken));
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

    private async Task DispatchAsync(CancellationToken cancellationToken)
    {
        foreach (int runId in await ActiveRunsAsync(cancellationToken))
        {
            await advance.AdvanceAsync(runId, cancellationToken);
            await InviteAsync(runId, cancellationToken);
        }
    }

    private async Task<List<int>> ActiveRunsAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Runs
            .Where(run => run.State != RunState.Completed && run.State != RunState.Faulted && run.State != RunState.Canceled)
            .OrderBy(run => run.Id).Select(run => run.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Fills the run's window. The item is marked before its invitation is sent: one that gets lost in between is sent again after a while.</summary>
    private async Task InviteAsync(int runId, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = time.GetUtcNow().UtcDateTime;
        int outside = await database.WorkItems.CountAsync(
            item => item.RunId == runId && (item.State == ItemState.Invited || item.State == ItemState.Running), cancellationToken);
        if (outside >= options.Value.Window) return;
        List<WorkItem> items = await database.WorkItems.AsNoTracking()
            .Where(item => item.RunId == runId && item.State == ItemState.Pending && item.NotBefore <= now)
            .OrderBy(item => item.RunStepId).ThenBy(item => item.Ordinal)
            .Take(options.Value.Window - outside).ToListAsync(cancellationToken);
        foreach (WorkItem item in items)
        {
            // A cancel, or a claim by way of an earlier invitation, may have come in between: it stays.
            int invited = await database.WorkItems.Where(open => open.Id == item.Id && open.State == ItemState.Pending)
                .ExecuteUpdateAsync(set => set.SetProperty(open => open.State, ItemState.Invited).SetProperty(open => open.InvitedAt, now), cancellationToken);
            if (invited == 0) continue;
            IWorkCommand command = WorkCommands.Restore(item);
            // Not cut short when the host stops: a marked item and its invitation belong together.
            await bus.Publish(command, command.GetType(), CancellationToken.None);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The dispatcher stumbled and goes on")]
    private partial void LogFault(Exception fault);
}
