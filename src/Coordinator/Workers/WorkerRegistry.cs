using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Workers;

/// <summary>The workers heard of of late. Kept in the database, so that every coordinator gives the same answer; nothing is decided by it.</summary>
internal sealed class WorkerRegistry(IDbContextFactory<FactoryDbContext> databases, TimeProvider time)
{
    /// <summary>A worker silent for longer is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Remembers a sign of life, unless a later one is known.</summary>
    public async Task NoteAsync(WorkerSeen seen, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = time.GetUtcNow().UtcDateTime;
        IQueryable<WorkerRow> same = database.Workers.Where(worker => worker.Name == seen.Worker);
        int updated = await same.Where(worker => worker.SentAt < seen.SentAt).ExecuteUpdateAsync(
            set => set.SetProperty(worker => worker.Report, seen).SetProperty(worker => worker.SentAt, seen.SentAt).SetProperty(worker => worker.SeenAt, now), cancellationToken);
        if (updated > 0 || await same.AnyAsync(cancellationToken)) return;
        // New names are rare: the moment to forget old ones.
        DateTime forgotten = now - Memory;
        await database.Workers.Where(worker => worker.SeenAt < forgotten).ExecuteDeleteAsync(cancellationToken);
        database.Workers.Add(new() { Name = seen.Worker, Report = seen, SentAt = seen.SentAt, SeenAt = now });
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another coordinator noted an equally new sign first; anything else is the message's fault.
            if (!await same.AnyAsync(cancellationToken)) throw;
        }
    }

    /// <summary>Every worker heard of within <see cref="Memory"/>, by name.</summary>
    public async Task<List<WorkerStatus>> ListAsync(CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = time.GetUtcNow().UtcDateTime, forgotten = now - Memory;
        List<WorkerRow> rows = await database.Workers.AsNoTracking().Where(worker => worker.SeenAt >= forgotten).OrderBy(worker => worker.Name).ToListAsync(cancellationToken);
        List<long> ids = [.. rows.Select(row => row.Report.Attempt?.ItemId).OfType<long>()];
        Dictionary<long, WorkerTask> tasks = await database.WorkItems.AsNoTracking().Where(item => ids.Contains(item.Id))
            .Select(item => new WorkerTask { RunId = item.RunId, Step = item.RunStep.Name, ItemId = item.Id, Ordinal = item.Ordinal, Attempt = 0 })
            .ToDictionaryAsync(task => task.ItemId, cancellationToken);
        return rows.ConvertAll(row => Describe(row, tasks, now));
    }

    private static WorkerStatus Describe(WorkerRow row, Dictionary<long, WorkerTask> tasks, DateTime now) => new()
    {
        Name = row.Name,
        Build = row.Report.Build,
        Device = row.Report.Device,
        DeviceName = row.Report.DeviceName,
        DeviceBytes = row.Report.DeviceBytes,
        Threads = row.Report.Threads,
        Checkpoints = row.Report.Checkpoints,
        Doing = row.Report.Attempt is { } attempt && tasks.TryGetValue(attempt.ItemId, out WorkerTask? task)
            ? task with { Attempt = attempt.Number }
            : null,
        StartedAt = row.Report.StartedAt,
        SeenAt = row.SeenAt,
        SecondsAgo = (now - row.SeenAt).TotalSeconds,
        SkewSeconds = (row.SeenAt - row.SentAt).TotalSeconds,
        Stopped = row.Report.Stopped,
    };
}
