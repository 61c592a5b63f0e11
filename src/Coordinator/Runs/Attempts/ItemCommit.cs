using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Commits the result of an item, once: one transaction takes the artifact, its provenance and the item's state together. The result of any attempt but
/// the latest, and a second delivery of the same result, change nothing.
/// </summary>
internal sealed partial class ItemCommit(
    IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, AttemptLedger ledger, TimeProvider time, RunSignal signal, ILogger<ItemCommit> logger)
{
    /// <summary>Commits a result.</summary>
    /// <param name="attempt">The attempt that made it.</param>
    /// <param name="result">The event that reported it.</param>
    /// <param name="artifacts">The blobs it names; all must be in the store.</param>
    /// <param name="provenance">Adds what is to be remembered of the artifact, inside the transaction.</param>
    /// <param name="cancellationToken">Cancels before the commit.</param>
    public async Task CommitAsync<T>(
        AttemptRef attempt, T result, IReadOnlyList<ObjectRef> artifacts,
        Func<FactoryDbContext, WorkItem, CancellationToken, Task>? provenance, CancellationToken cancellationToken)
    {
        if (await FirstMissingAsync(artifacts, cancellationToken) is { } missing)
        {
            await ledger.FailAsync(
                new() { Attempt = attempt, Error = $"the result names blob {missing.Digest.Short} of {missing.Bytes} bytes, which the object store does not hold", Permanent = false },
                cancellationToken);
            return;
        }
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        WorkItem? item = await database.WorkItems.SingleOrDefaultAsync(candidate => candidate.Id == attempt.ItemId, cancellationToken);
        if (item is null || item.State != ItemState.Running || item.AttemptCount != attempt.Number)
        {
            LogStale(attempt.ItemId, attempt.Number, item?.State, item?.AttemptCount);
            return;
        }
        Attempt row = await database.Attempts.SingleAsync(
            candidate => candidate.WorkItemId == item.Id && candidate.Number == attempt.Number, cancellationToken);
        DateTime now = time.GetUtcNow().UtcDateTime;
        (row.EndedAt, row.Outcome) = (now, "committed");
        (item.State, item.CompletedAt, item.LeaseUntil) = (ItemState.Completed, now, null);
        (item.Artifact, item.Result) = (artifacts[0].Digest, JsonSerializer.Serialize(result, ContractJson.Options));
        await database.SaveChangesAsync(cancellationToken);
        if (provenance is not null) await provenance(database, item, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogCommitted(item.Id, item.Kind, artifacts[0].Digest.Short);
        signal.Raise();
    }

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

    [LoggerMessage(Level = LogLevel.Debug, Message = "Item {ItemId}: {Kind} committed as {Digest}")]
    private partial void LogCommitted(long itemId, string kind, string digest);
}
