using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Workers;

/// <summary>The workers heard of of late. Kept in the database, so that every coordinator gives the same answer; nothing is decided by it.</summary>
internal sealed class WorkerRegistry(IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock)
{
    /// <summary>A worker silent for longer is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>Remembers a sign of life, unless a later one is known.</summary>
    public async Task NoteAsync(WorkerSeen seen, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        DateTime now = await clock.NowAsync(database, cancellationToken);
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
    /// <param name="projects">Keys of the projects whose runs and checkpoints are told; null: all.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    public async Task<List<WorkerStatus>> ListAsync(IReadOnlyList<int>? projects, CancellationToken cancellationToken)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync(cancellationToken);
        database.VisibleProjects = projects;
        DateTime now = await clock.NowAsync(database, cancellationToken), forgotten = now - Memory;
        List<WorkerRow> rows = await database.Workers.AsNoTracking().Where(worker => worker.SeenAt >= forgotten).OrderBy(worker => worker.Name).ToListAsync(cancellationToken);
        // The ledger knows better than a word of some seconds ago what a worker is at.
        var held = await database.WorkItems.Where(item => item.State == ItemState.Running && database.Runs.Any(run => run.Id == item.RunId))
            .Join(database.Attempts, item => new { item.Id, Number = item.AttemptCount }, attempt => new { Id = attempt.WorkItemId, attempt.Number }, (item, attempt) => new
            {
                attempt.Worker,
                Task = new WorkerTask { RunId = item.RunId, Step = item.RunStep.Name, ItemId = item.Id, Ordinal = item.Ordinal, Attempt = attempt.Number },
            }).ToListAsync(cancellationToken);
        ILookup<string, WorkerTask> tasks = held.ToLookup(attempt => attempt.Worker, attempt => attempt.Task);
        List<Sha256Digest> loaded = [.. rows.SelectMany(row => row.Report.Checkpoints).Distinct()];
        HashSet<Sha256Digest> told = projects is null
            ? [.. loaded]
            : await database.Checkpoints.Where(checkpoint => loaded.Contains(checkpoint.Digest)).Select(checkpoint => checkpoint.Digest).ToHashSetAsync(cancellationToken);
        return rows.ConvertAll(row => Describe(row, told, tasks, now));
    }

    private static WorkerStatus Describe(WorkerRow row, HashSet<Sha256Digest> told, ILookup<string, WorkerTask> tasks, DateTime now) => new()
    {
        Name = row.Name,
        Build = row.Report.Build,
        Device = row.Report.Device,
        DeviceName = row.Report.DeviceName,
        DeviceBytes = row.Report.DeviceBytes,
        Threads = row.Report.Threads,
        Checkpoints = [.. row.Report.Checkpoints.Where(told.Contains)],
        Doing = tasks[row.Name].FirstOrDefault(),
        StartedAt = row.Report.StartedAt,
        SeenAt = row.SeenAt,
        SecondsAgo = (now - row.SeenAt).TotalSeconds,
        SkewSeconds = (row.SeenAt - row.SentAt).TotalSeconds,
        Stopped = row.Report.Stopped,
    };
}
