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
    // Of a step, granted beside and not committed yet: what workers do faster than it can be committed would wait here until its leases run out.
    private const int MostBeside = 256;
    private const int StepsKept = 256;

    private readonly IDbContextFactory<FactoryDbContext> _databases;
    private readonly IOptions<RunOptions> _options;
    private readonly IDatabaseClock _clock;
    private readonly RunSignal _signal;
    private readonly CoordinatorMeter _meter;
    private readonly GroupCommit<ClaimAttempt, ClaimAnswer> _claims;
    // The first of the items that were granted beside others, by step: of a million the next ones are found from there.
    private readonly Dictionary<int, long> _first = [];

    public AttemptClaims(IDbContextFactory<FactoryDbContext> databases, IOptions<RunOptions> options, IDatabaseClock clock, RunSignal signal, CoordinatorMeter meter)
    {
        (_databases, _options, _clock, _signal, _meter) = (databases, options, clock, signal, meter);
        _claims = new(GrantAsync);
    }

    /// <summary>Counts an attempt and grants it, and as many more as the claim asks for and the step has; or says why not. The count is durable before the worker begins.</summary>
    public Task<ClaimAnswer> ClaimAsync(ClaimAttempt claim) => _claims.AskAsync(claim);

    private async Task<IReadOnlyList<ClaimAnswer>?> GrantAsync(IReadOnlyList<ClaimAttempt> claims)
    {
        // Whatever came in between concerned one of the further items, or one of the claimed ones: without the former it shows.
        return (claims.Any(claim => claim.Most > 1) ? await GrantAsync(claims, further: true) : null) ?? await GrantAsync(claims, further: false);
    }

    private async Task<IReadOnlyList<ClaimAnswer>?> GrantAsync(IReadOnlyList<ClaimAttempt> claims, bool further)
    {
        await using FactoryDbContext database = await _databases.CreateDbContextAsync();
        // Nothing goes on after a fault: the transaction is rolled back as a whole.
        database.Database.AutoSavepointsEnabled = false;
        await using var transaction = await database.Database.BeginTransactionAsync();
        DateTime now = await _clock.NowAsync(database, CancellationToken.None), lease = now + _options.Value.Lease;
        ILookup<ClaimAttempt, WorkItem> beside = (further ? await FurtherAsync(database, claims, now) : []).ToLookup(chosen => chosen.Claim, chosen => chosen.Item);
        List<long> claimed = [.. claims.Select(claim => claim.ItemId)], ids = [.. claimed, .. claims.SelectMany(claim => beside[claim]).Select(item => item.Id)];
        int granted = await database.WorkItems
            .Where(item => ids.Contains(item.Id) && (item.State == ItemState.Pending || item.State == ItemState.Invited) && item.NotBefore <= now
                && database.Runs.Any(run => run.Id == item.RunId && (run.State == RunState.Running || run.State == RunState.Sealing)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(item => item.State, ItemState.Running)
                .SetProperty(item => item.AttemptCount, item => item.AttemptCount + 1)
                .SetProperty(item => item.LeaseUntil, lease));
        // Refusals, and two claims of one item, are told apart one by one.
        if (granted < ids.Count && ids.Count > 1) return null;
        Dictionary<long, Claimed> items = await database.WorkItems.Where(item => claimed.Contains(item.Id))
            .Select(item => new Claimed(item.Id, item.Kind, item.State, item.AttemptCount)).ToDictionaryAsync(item => item.Id);
        if (granted == 0) return [new() { Refusal = items.TryGetValue(ids[0], out Claimed? current) ? $"Item {ids[0]} is {current.State}." : $"There is no item {ids[0]}." }];
        List<ClaimAnswer> answers = [.. claims.Select(claim => new ClaimAnswer
        {
            Attempt = new() { ItemId = claim.ItemId, Number = items[claim.ItemId].AttemptCount },
            Further = [.. beside[claim].Select(item => new FurtherAttempt { Attempt = new() { ItemId = item.Id, Number = 1 }, Command = WorkCommands.Write(item) })],
        })];
        // What is granted beside an item is of its kind.
        List<(string Kind, Attempt Row)> begun = [.. claims.Zip(answers, (claim, answer) => answer.Attempts.Select(attempt =>
            (items[claim.ItemId].Kind, new Attempt { WorkItemId = attempt.ItemId, Number = attempt.Number, Worker = claim.Worker, StartedAt = now }))).SelectMany(rows => rows)];
        database.Attempts.AddRange(begun.Select(attempt => attempt.Row));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        foreach ((string kind, Attempt row) in begun) _meter.Begun(kind, row.Number);
        _signal.Raise();
        return answers;
    }

    /// <summary>
    /// Chooses items to be granted beside the claimed ones: of the same step and kind, never invited to and never tried. The last ones first, since the dispatcher comes from the other end.
    /// One that was tried is invited to by itself, so that an item that kills its worker does not count against others for long.
    /// </summary>
    private async Task<IReadOnlyList<(ClaimAttempt Claim, WorkItem Item)>> FurtherAsync(FactoryDbContext database, IReadOnlyList<ClaimAttempt> claims, DateTime now)
    {
        List<long> ids = [.. claims.Select(claim => claim.ItemId)];
        var steps = await database.WorkItems.Where(item => ids.Contains(item.Id)).Select(item => new { item.Id, item.RunId, item.RunStepId, item.Kind }).ToListAsync();
        List<(ClaimAttempt, WorkItem)> chosen = [];
        foreach (var step in steps.GroupBy(item => (item.RunId, item.RunStepId, item.Kind), item => item.Id))
        {
            (int runId, int stepId, string kind) = step.Key;
            List<ClaimAttempt> wanting = [.. claims.Where(claim => claim.Most > 1 && step.Contains(claim.ItemId))];
            IQueryable<WorkItem> items = database.WorkItems.AsNoTracking().Where(item => item.RunId == runId && item.RunStepId == stepId);
            int room = MostBeside - await items.CountAsync(item => item.State == ItemState.Running && item.InvitedAt == null);
            int most = Math.Min(room, wanting.Sum(Beside));
            if (most <= 0) continue;
            long before = _first.GetValueOrDefault(stepId, long.MaxValue);
            Queue<WorkItem> open = new(await items
                .Where(item => item.Ordinal < before && item.State == ItemState.Pending && item.Kind == kind && item.AttemptCount == 0 && item.NotBefore <= now && !ids.Contains(item.Id))
                .OrderByDescending(item => item.Ordinal).Take(most).ToListAsync());
            if (_first.Count > StepsKept) _first.Clear();
            if (open.Count > 0) _first[stepId] = open.Last().Ordinal;
            foreach (ClaimAttempt claim in wanting)
            {
                for (int left = Beside(claim); left > 0 && open.TryDequeue(out WorkItem? item); left--) chosen.Add((claim, item));
            }
        }
        return chosen;
    }

    private static int Beside(ClaimAttempt claim) => Math.Min(claim.Most, ClaimAttempt.Limit) - 1;

    private sealed record Claimed(long Id, string Kind, ItemState State, int AttemptCount);
}

/// <summary>What becomes of a claim.</summary>
internal sealed record ClaimAnswer
{
    /// <summary>The attempt; null when it is refused.</summary>
    public AttemptRef? Attempt { get; init; }

    /// <summary>Attempts at other items.</summary>
    public IReadOnlyList<FurtherAttempt> Further { get; init; } = [];

    /// <summary>All that is granted.</summary>
    public IEnumerable<AttemptRef> Attempts => Attempt is null ? [] : Further.Select(further => further.Attempt).Prepend(Attempt);

    /// <summary>Why it is refused.</summary>
    public string? Refusal { get; init; }
}
