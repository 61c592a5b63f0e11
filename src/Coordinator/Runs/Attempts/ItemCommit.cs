using System.Diagnostics;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Telemetry;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Commits the result of an item, once: one transaction takes the artifact, its provenance and the item's state together. The transaction begins with the update that only the running
/// attempt passes and that takes the item's row: the result of any attempt but the latest, and a second delivery of the same result, at whatever coordinator, change nothing.
/// </summary>
internal sealed partial class ItemCommit(
    IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, AttemptLedger ledger, IDatabaseClock clock, RunSignal signal, CoordinatorMeter meter, ILogger<ItemCommit> logger)
{
    /// <summary>A commit that collides with others is tried so often.</summary>
    private const int Tries = 4;

    /// <summary>Commits a result. One that cannot be recorded fails its attempt with the reason.</summary>
    /// <param name="attempt">The attempt that made it.</param>
    /// <param name="result">The event that reported it.</param>
    /// <param name="artifacts">The blobs it names; all must be in the store.</param>
    /// <param name="provenance">Adds what is to be remembered of the artifact, inside the transaction.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    public async Task CommitAsync<T>(
        AttemptRef attempt, T result, IReadOnlyList<ObjectRef> artifacts,
        Func<FactoryDbContext, WorkItem, CancellationToken, Task>? provenance, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        using Activity? span = FactoryTrace.Begin("commit", new(FactoryTrace.Item, attempt.ItemId), new(FactoryTrace.Attempt, attempt.Number));
        using IDisposable? scope = logger.BeginScope(new Dictionary<string, object> { ["ItemId"] = attempt.ItemId, ["Attempt"] = attempt.Number });
        if (await FirstMissingAsync(artifacts, cancellationToken) is { } missing)
        {
            await FailAsync(attempt, $"the result names blob {missing.Digest.Short} of {missing.Bytes} bytes, which the object store does not hold", cancellationToken);
            return;
        }
        string text = JsonSerializer.Serialize(result, ContractJson.Options);
        for (int tries = 1; ; tries++)
        {
            try
            {
                WorkItem? committed = await TryAsync(attempt, text, artifacts[0].Digest, provenance, cancellationToken);
                span?.SetTag(FactoryTrace.Outcome, committed is null ? "refused" : "committed").SetTag(FactoryTrace.Run, committed?.RunId).SetTag(FactoryTrace.Kind, committed?.Kind);
                if (committed is not null) meter.Committed(committed.Kind, result, Stopwatch.GetElapsedTime(began));
                return;
            }
            // Another item's commit wrote a row of the same key, or the two waited for one another: what stands now is read anew.
            catch (Exception collision) when (tries < Tries && (DatabaseFaults.IsDuplicate(collision) || DatabaseFaults.IsPassing(collision)))
            {
                LogCollision(attempt.ItemId, collision.Message);
            }
            // What is of the moment is the queue's to deliver again; what the result itself is to blame for ends its attempt now, not when the lease runs out.
            catch (Exception fault) when (fault is not (OperationCanceledException or ObjectStoreUnavailableException or ObjectStoreRefusedException) && !DatabaseFaults.IsPassing(fault))
            {
                span.Fail(fault);
                LogUnrecordable(attempt.ItemId, attempt.Number, fault);
                await FailAsync(attempt, $"the result cannot be recorded: {(fault is DbUpdateException ? fault.InnerException ?? fault : fault).Message}", cancellationToken);
                return;
            }
        }
    }

    private async Task<WorkItem?> TryAsync(
        AttemptRef attempt, string result, Sha256Digest artifact,
        Func<FactoryDbContext, WorkItem, CancellationToken, Task>? provenance, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        DateTime now = await clock.NowAsync(database, cancellationToken);
        int taken = await AttemptLedger.Held(database, attempt).ExecuteUpdateAsync(
            set => set
                .SetProperty(held => held.State, ItemState.Completed)
                .SetProperty(held => held.CompletedAt, now)
                .SetProperty(held => held.LeaseUntil, (DateTime?)null)
                .SetProperty(held => held.Artifact, artifact)
                .SetProperty(held => held.Result, result),
            cancellationToken);
        WorkItem? item = await database.WorkItems.AsNoTracking().SingleOrDefaultAsync(candidate => candidate.Id == attempt.ItemId, cancellationToken);
        if (taken == 0 || item is null)
        {
            LogStale(attempt.ItemId, attempt.Number, item?.State, item?.AttemptCount);
            return null;
        }
        await database.Attempts.Where(row => row.WorkItemId == item.Id && row.Number == attempt.Number).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.EndedAt, now).SetProperty(row => row.Outcome, "committed"), cancellationToken);
        if (provenance is not null) await provenance(database, item, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogCommitted(item.Id, item.Kind, artifact.Short);
        signal.Raise();
        return item;
    }

    private Task FailAsync(AttemptRef attempt, string reason, CancellationToken cancellationToken) =>
        ledger.FailAsync(new() { Attempt = attempt, Error = reason, Permanent = false }, cancellationToken);

    private async Task<ObjectRef?> FirstMissingAsync(IReadOnlyList<ObjectRef> artifacts, CancellationToken cancellationToken)
    {
        foreach (ObjectRef artifact in artifacts)
        {
            if (await objects.LengthAsync(artifact.Digest, cancellationToken) != artifact.Bytes) return artifact;
        }
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: result of attempt {Attempt} refused; the item is {State} at attempt {Current}")]
    private partial void LogStale(long itemId, int attempt, ItemState? state, int? current);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: its commit is tried again: {Reason}")]
    private partial void LogCollision(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: the result of attempt {Attempt} cannot be recorded")]
    private partial void LogUnrecordable(long itemId, int attempt, Exception fault);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Item {ItemId}: {Kind} committed as {Digest}")]
    private partial void LogCommitted(long itemId, string kind, string digest);
}
