using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>Cancels runs and revives them.</summary>
internal sealed partial class RunControl(
    FactoryDbContext database, IBus bus, Microsoft.Extensions.Options.IOptions<RunOptions> options, IDatabaseClock clock, TimeProvider time, RunSignal signal, CoordinatorMeter meter, ILogger<RunControl> logger)
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Cancels a run: nothing of it is begun any more, and workers drop what they have of it. What is committed stays, and <c>retry</c> goes on from it.</summary>
    public async Task CancelAsync(int runId, CancellationToken cancellationToken)
    {
        await Collision.RepeatAsync(database, () => MarkCanceledAsync(runId, cancellationToken));
        meter.Ended(RunState.Canceled);
        signal.Raise();
        try
        {
            await bus.PublishWithinAsync(new RunCanceled { RunId = runId }, SendTimeout, time, cancellationToken);
        }
        // The run is canceled all the same: what workers make of it meanwhile is refused.
        catch (Exception unheard) when (BusPatience.IsUndelivered(unheard))
        {
            LogUnheard(runId, unheard.Message);
        }
    }

    private async Task<int> MarkCanceledAsync(int runId, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        Run run = await FindAsync(runId, cancellationToken);
        if (run.State is RunState.Completed or RunState.Faulted or RunState.Canceled)
        {
            throw RefusedException.Conflict($"run {runId} is {run.State} already.");
        }
        DateTime now = await clock.NowAsync(database, cancellationToken);
        (run.State, run.FinishedAt) = (RunState.Canceled, now);
        await database.SaveChangesAsync(cancellationToken);
        // Items before attempts, as everybody else takes them: a claim or a commit under way is waited for, and its attempt is seen below.
        await database.WorkItems
            .Where(item => item.RunId == runId && item.State != ItemState.Completed && item.State != ItemState.Poisoned)
            .ExecuteUpdateAsync(set => set.SetProperty(item => item.State, ItemState.Canceled), cancellationToken);
        await database.Attempts.Where(attempt => attempt.Outcome == null && database.WorkItems.Any(item => item.Id == attempt.WorkItemId && item.RunId == runId))
            .ExecuteUpdateAsync(set => set.SetProperty(attempt => attempt.Outcome, "canceled").SetProperty(attempt => attempt.EndedAt, now), cancellationToken);
        await ProjectLedger.SettleAsync(database, run, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return runId;
    }

    /// <summary>Revives a faulted or canceled run; items that are done stay done, poisoned ones get fresh attempts.</summary>
    public async Task RetryAsync(int runId, CancellationToken cancellationToken)
    {
        await Collision.RepeatAsync(database, () => ReviveAsync(runId, cancellationToken));
        signal.Raise();
    }

    private async Task<int> ReviveAsync(int runId, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        Run run = await FindAsync(runId, cancellationToken);
        if (run.State is not (RunState.Faulted or RunState.Canceled))
        {
            throw RefusedException.Conflict($"run {runId} is {run.State}; only a faulted or canceled run can be retried.");
        }
        DateTime now = await clock.NowAsync(database, cancellationToken);
        int limit = options.Value.AttemptLimit;
        await database.WorkItems.Where(item => item.RunId == runId && (item.State == ItemState.Poisoned || item.State == ItemState.Canceled))
            .ExecuteUpdateAsync(set => set
                .SetProperty(item => item.State, ItemState.Pending)
                .SetProperty(item => item.NotBefore, now)
                .SetProperty(item => item.AttemptLimit, item => item.AttemptCount + limit), cancellationToken);
        foreach (RunStep step in run.Steps.Where(step => step.State == StepState.Faulted))
        {
            bool planned = await database.WorkItems.AnyAsync(item => item.RunStepId == step.Id, cancellationToken);
            (step.State, step.Error) = (planned ? StepState.Running : StepState.Waiting, null);
        }
        (run.State, run.Error, run.FinishedAt, run.LineageTold) = (RunState.Running, null, null, null);
        await ProjectLedger.ReserveAsync(database, run, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return runId;
    }

    private async Task<Run> FindAsync(int runId, CancellationToken cancellationToken) => await RunLock.TakeAsync(database, runId, cancellationToken)
        ? await database.Runs.Include(run => run.Steps).SingleAsync(run => run.Id == runId, cancellationToken)
        : throw RefusedException.Missing($"there is no run {runId}.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} is canceled, but the workers could not be told: {Reason}")]
    private partial void LogUnheard(int runId, string reason);
}
