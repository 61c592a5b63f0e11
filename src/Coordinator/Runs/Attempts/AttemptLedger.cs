using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Telemetry;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Renews the leases of attempts, and ends those that fail. Every change begins with a conditional update on the item's state and attempt number, which takes the
/// item's row first: of two coordinators at once the second finds the condition gone, and a duplicate, late or stale message changes nothing.
/// </summary>
internal sealed partial class AttemptLedger(
    IDbContextFactory<FactoryDbContext> databases, IOptions<RunOptions> options, IDatabaseClock clock, RunSignal signal, CoordinatorMeter meter, ILogger<AttemptLedger> logger)
{
    private const int SweepSize = 1000;

    /// <summary>Renews the lease of an attempt that is still the latest.</summary>
    public async Task<bool> RenewAsync(AttemptRef attempt, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime lease = await clock.NowAsync(database, cancellationToken) + options.Value.Lease;
        return await Held(database, attempt).ExecuteUpdateAsync(set => set.SetProperty(item => item.LeaseUntil, lease), cancellationToken) == 1;
    }

    /// <summary>Ends an attempt in an error: the item is tried again after a delay, or poisoned.</summary>
    public async Task FailAsync(AttemptFailed failure, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        WorkItem? item = await Held(database, failure.Attempt).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (item is null) return;
        // Like one that was given back, it stays on record and the item may be tried once more for it.
        if (failure.OfSurroundings && !failure.Permanent && await IsOutageAsync(database, failure.Attempt.ItemId, cancellationToken)) item.AttemptLimit++;
        // PostgreSQL has no place for a NUL in text; an error that quotes one is still to be told.
        await EndAsync(database, Held(database, failure.Attempt), item, "failed", failure.Error.Replace('\0', ' '), failure.Permanent, cancellationToken);
        signal.Raise();
    }

    private async Task<bool> IsOutageAsync(FactoryDbContext database, long itemId, CancellationToken cancellationToken)
    {
        DateTime since = await clock.NowAsync(database, cancellationToken) - options.Value.OutagePatience;
        return await database.Attempts.AnyAsync(attempt => attempt.WorkItemId == itemId && attempt.Number == 1 && attempt.StartedAt > since, cancellationToken);
    }

    /// <summary>Takes an unfinished attempt back from a worker that stops: the attempt stays on record, and the item may be tried once more for it.</summary>
    public async Task ReturnAsync(AttemptRef attempt, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        WorkItem? item = await Held(database, attempt).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (item is null) return;
        item.AttemptLimit++;
        await EndAsync(database, Held(database, attempt), item, "returned", null, permanent: false, cancellationToken);
        signal.Raise();
    }

    /// <summary>Makes an invited item pending again. One that was claimed meanwhile stays as it is; an invitation sent meanwhile is followed by another, which is harmless.</summary>
    public async Task PutBackAsync(InvitationReturned returned, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime notBefore = await clock.NowAsync(database, cancellationToken) + returned.Pause;
        int changed = await database.WorkItems.Where(item => item.Id == returned.ItemId && item.State == ItemState.Invited).ExecuteUpdateAsync(
            set => set.SetProperty(item => item.State, ItemState.Pending).SetProperty(item => item.NotBefore, notBefore), cancellationToken);
        LogReturned(returned.ItemId, returned.Reason);
        if (changed > 0) signal.Raise();
    }

    /// <summary>Ends attempts whose lease has run out, and forgets invitations nobody took up.</summary>
    /// <param name="everything">Whether no attempt or invitation can be alive, because the queue began with this process.</param>
    /// <param name="cancellationToken">Cancels the sweep.</param>
    public async Task ReapAsync(bool everything, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = await clock.NowAsync(database, cancellationToken), stale = now - options.Value.InvitationTimeout;
        int most = everything ? int.MaxValue : SweepSize;
        List<WorkItem> lost = await database.WorkItems.AsNoTracking()
            .Where(item => item.State == ItemState.Running && (everything || item.LeaseUntil < now))
            .OrderBy(item => item.LeaseUntil).Take(most).ToListAsync(cancellationToken);
        foreach (WorkItem item in lost)
        {
            const string Silent = "the worker died or fell silent during the attempt";
            // A sign of life since then has saved it.
            IQueryable<WorkItem> silent = Held(database, Latest(item)).Where(held => everything || held.LeaseUntil < now);
            if (await EndAsync(database, silent, item, "lost", Silent, permanent: false, cancellationToken)) LogLost(item.Id, item.AttemptCount);
        }
        int forgotten = 0;
        foreach (long itemId in await Stale(database, everything, stale).OrderBy(item => item.Id).Select(item => item.Id).Take(most).ToListAsync(cancellationToken))
        {
            // One at a time: a statement that takes many rows in an order of its own could block another that does so, such as a cancel.
            forgotten += await Stale(database, everything, stale).Where(item => item.Id == itemId)
                .ExecuteUpdateAsync(set => set.SetProperty(item => item.State, ItemState.Pending), cancellationToken);
        }
        if (lost.Count + forgotten > 0) signal.Raise();
    }

    private static IQueryable<WorkItem> Stale(FactoryDbContext database, bool everything, DateTime stale) => database.WorkItems
        .Where(item => item.State == ItemState.Invited && (everything || item.InvitedAt < stale));

    private static AttemptRef Latest(WorkItem item) => new() { ItemId = item.Id, Number = item.AttemptCount };

    /// <summary>The attempt's item, as long as the attempt is the latest and runs.</summary>
    public static IQueryable<WorkItem> Held(FactoryDbContext database, AttemptRef attempt) => database.WorkItems
        .Where(item => item.Id == attempt.ItemId && item.AttemptCount == attempt.Number && item.State == ItemState.Running);

    // The item was read before: whatever ended the attempt meanwhile, a commit above all, came first and stays.
    private async Task<bool> EndAsync(
        FactoryDbContext database, IQueryable<WorkItem> open, WorkItem item, string outcome, string? error, bool permanent, CancellationToken cancellationToken)
    {
        bool poisoned = permanent || item.AttemptCount >= item.AttemptLimit;
        DateTime now = await clock.NowAsync(database, cancellationToken);
        DateTime notBefore = outcome == "failed" ? now + options.Value.DelayBefore(item.AttemptCount + 1) : now;
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        int ended = await open.ExecuteUpdateAsync(
            set => set
                .SetProperty(held => held.State, poisoned ? ItemState.Poisoned : ItemState.Pending)
                .SetProperty(held => held.AttemptLimit, item.AttemptLimit)
                .SetProperty(held => held.LastError, error ?? item.LastError)
                .SetProperty(held => held.LeaseUntil, (DateTime?)null)
                .SetProperty(held => held.NotBefore, notBefore),
            cancellationToken);
        if (ended == 0) return false;
        await database.Attempts.Where(attempt => attempt.WorkItemId == item.Id && attempt.Number == item.AttemptCount).ExecuteUpdateAsync(
            set => set.SetProperty(attempt => attempt.EndedAt, now).SetProperty(attempt => attempt.Outcome, outcome).SetProperty(attempt => attempt.Error, error),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        meter.Ended(item.Kind, outcome, poisoned);
        if (poisoned) LogPoisoned(item.Id, item.AttemptCount, error ?? item.LastError);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: invitation came back: {Reason}")]
    private partial void LogReturned(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: attempt {Attempt} was lost")]
    private partial void LogLost(long itemId, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Item {ItemId} is poisoned after {Attempts} attempts: {Error}")]
    private partial void LogPoisoned(long itemId, int attempts, string? error);
}
