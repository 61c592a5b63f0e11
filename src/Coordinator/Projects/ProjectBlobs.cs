using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Projects;

/// <summary>Notes which blobs a project has: what was brought in there, and what its runs made.</summary>
internal static class ProjectBlobs
{
    /// <summary>Notes blobs that a run made, within the transaction that commits them; those the project has already stay as they are.</summary>
    /// <param name="database">A context, which adds them at its next save.</param>
    /// <param name="runId">The run.</param>
    /// <param name="made">The blobs.</param>
    /// <param name="cancellationToken">Cancels the look at the database.</param>
    public static async Task AddOfRunAsync(FactoryDbContext database, int runId, IEnumerable<ObjectRef> made, CancellationToken cancellationToken)
    {
        int projectId = await database.Runs.Where(run => run.Id == runId).Select(run => run.ProjectId).SingleAsync(cancellationToken);
        Dictionary<Sha256Digest, ObjectRef> fresh = made.DistinctBy(blob => blob.Digest).ToDictionary(blob => blob.Digest);
        List<Sha256Digest> digests = [.. fresh.Keys];
        foreach (Sha256Digest known in await Known(database, projectId, digests).Select(stored => stored.Digest).ToListAsync(cancellationToken)) fresh.Remove(known);
        foreach (ProjectObject added in database.ProjectObjects.Local.Where(stored => stored.ProjectId == projectId)) fresh.Remove(added.Digest);
        foreach (ObjectRef blob in fresh.Values) database.ProjectObjects.Add(new() { ProjectId = projectId, Digest = blob.Digest, Bytes = blob.Bytes, RunId = runId });
    }

    /// <summary>Notes and counts a blob that is brought in, unless the project has it.</summary>
    /// <param name="database">A context without a transaction.</param>
    /// <param name="projectId">The project.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="RefusedException">The project has no room for it.</exception>
    public static Task AddAsync(FactoryDbContext database, int projectId, Sha256Digest digest, long bytes, CancellationToken cancellationToken) => Collision.RepeatAsync(database, async () =>
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (!await NoteAsync(database, projectId, digest, bytes, cancellationToken)) return false;
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    /// <summary>As <see cref="AddAsync"/>, in the caller's transaction, which is to save it.</summary>
    /// <returns>Whether the project did not have it.</returns>
    public static async Task<bool> NoteAsync(FactoryDbContext database, int projectId, Sha256Digest digest, long bytes, CancellationToken cancellationToken)
    {
        if (await Known(database, projectId, [digest]).AnyAsync(cancellationToken)) return false;
        await ProjectLedger.TakeAsync(database, projectId, 0, bytes, cancellationToken);
        database.ProjectObjects.Add(new() { ProjectId = projectId, Digest = digest, Bytes = bytes });
        return true;
    }

    /// <summary>The rows of those blobs that the project has.</summary>
    public static IQueryable<ProjectObject> Known(FactoryDbContext database, int projectId, IReadOnlyCollection<Sha256Digest> digests) =>
        database.ProjectObjects.Where(stored => stored.ProjectId == projectId && digests.Contains(stored.Digest));

    /// <summary>The blobs that a step's output names.</summary>
    public static IEnumerable<ObjectRef> Of(StepOutput output)
    {
        ObjectRef?[] named =
        [
            output.Checkpoint, output.Curve, output.Classifier, output.Sources, output.Manifest, output.ContactSheet, output.Quality, output.Evaluation, output.Report, output.ReportMarkdown,
            .. output.Previews?.Select(preview => preview.Grid) ?? [],
        ];
        return named.OfType<ObjectRef>();
    }
}
