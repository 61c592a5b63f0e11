using System.Diagnostics;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Projects;
using Factory.Coordinator.Telemetry;
using Factory.Hosting.Telemetry;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>
/// Commits the results of items, each once: one transaction takes the artifact, its provenance and the item's state together. The transaction begins with the update that only the
/// running attempt passes and that takes the item's row: the result of any attempt but the latest, and a second delivery of the same result, at whatever coordinator, change nothing.
/// A result with provenance to write has a transaction of its own; the others share theirs.
/// </summary>
internal sealed partial class ItemCommit
{
    /// <summary>A commit that collides with others is tried so often.</summary>
    private const int Tries = 4;

    private readonly IDbContextFactory<FactoryDbContext> _databases;
    private readonly IObjectStore _objects;
    private readonly AttemptLedger _ledger;
    private readonly IDatabaseClock _clock;
    private readonly RunSignal _signal;
    private readonly CoordinatorMeter _meter;
    private readonly ILogger<ItemCommit> _logger;
    private readonly GroupCommit<Finished, WorkItem?> _plain;

    public ItemCommit(
        IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, AttemptLedger ledger, IDatabaseClock clock, RunSignal signal, CoordinatorMeter meter, ILogger<ItemCommit> logger)
    {
        (_databases, _objects, _ledger, _clock, _signal, _meter, _logger) = (databases, objects, ledger, clock, signal, meter, logger);
        _plain = new(results => RecordAsync(results, null, CancellationToken.None));
    }

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
        using IDisposable? scope = _logger.BeginScope(new Dictionary<string, object> { ["ItemId"] = attempt.ItemId, ["Attempt"] = attempt.Number });
        if (await FirstMissingAsync(artifacts, cancellationToken) is { } missing)
        {
            await FailAsync(attempt, $"the result names blob {missing.Digest.Short} of {missing.Bytes} bytes, which the object store does not hold", cancellationToken);
            return;
        }
        Finished finished = new(attempt, artifacts, JsonSerializer.Serialize(result, ContractJson.Options));
        for (int tries = 1; ; tries++)
        {
            try
            {
                WorkItem? committed = await RecordAsync(finished, provenance, cancellationToken);
                span?.SetTag(FactoryTrace.Outcome, committed is null ? "refused" : "committed").SetTag(FactoryTrace.Run, committed?.RunId).SetTag(FactoryTrace.Kind, committed?.Kind);
                if (committed is not null) _meter.Committed(committed.Kind, result, Stopwatch.GetElapsedTime(began));
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

    private async Task<WorkItem?> RecordAsync(Finished result, Func<FactoryDbContext, WorkItem, CancellationToken, Task>? provenance, CancellationToken cancellationToken) =>
        provenance is null ? await _plain.AskAsync(result) : (await RecordAsync([result], provenance, cancellationToken))![0];

    private async Task<IReadOnlyList<WorkItem?>?> RecordAsync(
        IReadOnlyList<Finished> results, Func<FactoryDbContext, WorkItem, CancellationToken, Task>? provenance, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await _databases.CreateDbContextAsync(cancellationToken);
        // Nothing goes on after a fault: the transaction is rolled back as a whole.
        database.Database.AutoSavepointsEnabled = false;
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        DateTime now = await _clock.NowAsync(database, cancellationToken);
        List<long> ids = [.. results.Select(result => result.Attempt.ItemId)];
        Dictionary<long, WorkItem> items = await database.WorkItems.Where(item => ids.Contains(item.Id)).ToDictionaryAsync(item => item.Id, cancellationToken);
        // Stale results and second deliveries are told apart one by one.
        bool open = items.Count == results.Count && results.All(result => items[result.Attempt.ItemId] is var item && item.State == ItemState.Running && item.AttemptCount == result.Attempt.Number);
        if (!open || !await TakeAsync(database, results, items, now, cancellationToken))
        {
            if (results.Count > 1) return null;
            AttemptRef stale = results[0].Attempt;
            LogStale(stale.ItemId, stale.Number, items.GetValueOrDefault(stale.ItemId)?.State, items.GetValueOrDefault(stale.ItemId)?.AttemptCount);
            return [null];
        }
        if (provenance is not null)
        {
            foreach (WorkItem item in items.Values) await provenance(database, item, cancellationToken);
        }
        foreach (IGrouping<int, Finished> ofRun in results.GroupBy(result => items[result.Attempt.ItemId].RunId))
        {
            await ProjectBlobs.AddOfRunAsync(database, ofRun.Key, ofRun.SelectMany(result => result.Artifacts), cancellationToken);
        }
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (WorkItem item in items.Values) LogCommitted(item.Id, item.Kind, item.Artifact!.Value.Short);
        _signal.Raise();
        return [.. ids.Select(id => items[id])];
    }

    /// <summary>Completes the items, each as long as it is as it was read: running, at that attempt. The attempts are ended by the save that follows.</summary>
    /// <returns>Whether all were.</returns>
    private static async Task<bool> TakeAsync(FactoryDbContext database, IReadOnlyList<Finished> results, IReadOnlyDictionary<long, WorkItem> items, DateTime now, CancellationToken cancellationToken)
    {
        foreach (Finished result in results)
        {
            WorkItem item = items[result.Attempt.ItemId];
            (item.State, item.CompletedAt, item.LeaseUntil, item.Artifact, item.Result) = (ItemState.Completed, now, null, result.Artifacts[0].Digest, result.Text);
        }
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
        // Items before attempts, as everybody else takes them; one save would write by the tables' names, and two who take the same rows crosswise wait for one another.
        foreach (WorkItem item in items.Values)
        {
            Attempt attempt = database.Attach(new Attempt { WorkItemId = item.Id, Number = item.AttemptCount, Worker = "" }).Entity;
            (attempt.EndedAt, attempt.Outcome) = (now, "committed");
        }
        return true;
    }

    private Task FailAsync(AttemptRef attempt, string reason, CancellationToken cancellationToken) =>
        _ledger.FailAsync(new() { Attempt = attempt, Error = reason, Permanent = false }, cancellationToken);

    private async Task<ObjectRef?> FirstMissingAsync(IReadOnlyList<ObjectRef> artifacts, CancellationToken cancellationToken)
    {
        foreach (ObjectRef artifact in artifacts)
        {
            if (await _objects.LengthAsync(artifact.Digest, cancellationToken) != artifact.Bytes) return artifact;
        }
        return null;
    }

    /// <summary>A result to be recorded.</summary>
    /// <param name="Attempt">The attempt that made it.</param>
    /// <param name="Artifacts">The blobs it names; the first is the artifact.</param>
    /// <param name="Text">The event that reported it: JSON.</param>
    private sealed record Finished(AttemptRef Attempt, IReadOnlyList<ObjectRef> Artifacts, string Text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: result of attempt {Attempt} refused; the item is {State} at attempt {Current}")]
    private partial void LogStale(long itemId, int attempt, ItemState? state, int? current);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item {ItemId}: its commit is tried again: {Reason}")]
    private partial void LogCollision(long itemId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Item {ItemId}: the result of attempt {Attempt} cannot be recorded")]
    private partial void LogUnrecordable(long itemId, int attempt, Exception fault);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Item {ItemId}: {Kind} committed as {Digest}")]
    private partial void LogCommitted(long itemId, string kind, string digest);
}
