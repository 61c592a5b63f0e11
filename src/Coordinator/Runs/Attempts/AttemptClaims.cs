using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Telemetry;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Grants attempts. The grant is a conditional update of the item, and a row of the attempt whose key is the item and its number: whatever two coordinators believe at once, an
/// attempt is granted to one worker.
/// </summary>
internal sealed class AttemptClaims
{
    private readonly IDbContextFactory<FactoryDbContext> _databases;
    private readonly IOptions<RunOptions> _options;
    private readonly IDatabaseClock _clock;
    private readonly RunSignal _signal;
    private readonly CoordinatorMeter _meter;
    private readonly GroupCommit<ClaimAttempt, Answer> _claims;

    public AttemptClaims(IDbContextFactory<FactoryDbContext> databases, IOptions<RunOptions> options, IDatabaseClock clock, RunSignal signal, CoordinatorMeter meter)
    {
        (_databases, _options, _clock, _signal, _meter) = (databases, options, clock, signal, meter);
        _claims = new(GrantAsync);
    }

    /// <summary>Counts an attempt and grants it, or says why not. The count is durable before the worker begins.</summary>
    /// <returns>The attempt, or the reason for refusing it.</returns>
    public async Task<(AttemptRef? Attempt, string? Refusal)> ClaimAsync(ClaimAttempt claim)
    {
        Answer answer = await _claims.AskAsync(claim);
        return (answer.Attempt, answer.Refusal);
    }

    private async Task<IReadOnlyList<Answer>?> GrantAsync(IReadOnlyList<ClaimAttempt> claims)
    {
        await using FactoryDbContext database = await _databases.CreateDbContextAsync();
        // Nothing goes on after a fault: the transaction is rolled back as a whole.
        database.Database.AutoSavepointsEnabled = false;
        await using var transaction = await database.Database.BeginTransactionAsync();
        DateTime now = await _clock.NowAsync(database, CancellationToken.None), lease = now + _options.Value.Lease;
        List<long> ids = [.. claims.Select(claim => claim.ItemId)];
        int granted = await database.WorkItems
            .Where(item => ids.Contains(item.Id) && (item.State == ItemState.Pending || item.State == ItemState.Invited) && item.NotBefore <= now
                && database.Runs.Any(run => run.Id == item.RunId && (run.State == RunState.Running || run.State == RunState.Sealing)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(item => item.State, ItemState.Running)
                .SetProperty(item => item.AttemptCount, item => item.AttemptCount + 1)
                .SetProperty(item => item.LeaseUntil, lease));
        // Refusals, and two claims of one item, are told apart one by one.
        if (granted < claims.Count && claims.Count > 1) return null;
        Dictionary<long, Claimed> items = await database.WorkItems.Where(item => ids.Contains(item.Id))
            .Select(item => new Claimed(item.Id, item.Kind, item.State, item.AttemptCount)).ToDictionaryAsync(item => item.Id);
        if (granted == 0) return [new(null, items.TryGetValue(ids[0], out Claimed? current) ? $"Item {ids[0]} is {current.State}." : $"There is no item {ids[0]}.")];
        database.Attempts.AddRange(claims.Select(claim => new Attempt
        {
            WorkItemId = claim.ItemId,
            Number = items[claim.ItemId].AttemptCount,
            Worker = claim.Worker,
            StartedAt = now,
        }));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        foreach (Claimed item in items.Values) _meter.Begun(item.Kind, item.AttemptCount);
        _signal.Raise();
        return [.. ids.Select(id => new Answer(new() { ItemId = id, Number = items[id].AttemptCount }, null))];
    }

    private sealed record Claimed(long Id, string Kind, ItemState State, int AttemptCount);

    private sealed record Answer(AttemptRef? Attempt, string? Refusal);
}
