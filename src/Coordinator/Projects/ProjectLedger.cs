using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Projects;

/// <summary>
/// Keeps what projects have within their quotas, as part of the caller's transaction. Who wants something takes the project's row first and then looks: of two that want the last of a quota, the second
/// finds it taken. A run's samples are reserved while it is not over and counted when it is; no commit of an item waits for another's.
/// </summary>
internal static class ProjectLedger
{
    /// <summary>Reserves the samples that a run has yet to make.</summary>
    /// <param name="database">A context in the transaction that writes the run, which it tracks.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    /// <exception cref="RefusedException">The project has no room for them, or for any more bytes.</exception>
    public static async Task ReserveAsync(FactoryDbContext database, Run run, CancellationToken cancellationToken)
    {
        long images = Math.Max(0, SamplesOf(run.Recipe) - run.CountedImages);
        Project project = await TakeRowAsync(database, run.ProjectId, cancellationToken);
        RequireImages(project, images, "this run makes");
        // What a run will store is not known before; where nothing more may be, none begins.
        await RequireBytesAsync(database, project, 1, "a run stores more", cancellationToken);
        await database.Projects.Where(row => row.Id == project.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.ReservedImages, row => row.ReservedImages + images), cancellationToken);
        run.ReservedImages = images;
    }

    /// <summary>Counts what a run has made instead of what it had reserved, because it is over.</summary>
    /// <param name="database">A context in the transaction that ends the run, which it tracks; nothing of the run can be committed any more.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task SettleAsync(FactoryDbContext database, Run run, CancellationToken cancellationToken)
    {
        long images = await database.Samples.LongCountAsync(sample => database.WorkItems.Any(item => item.Id == sample.WorkItemId && item.RunId == run.Id), cancellationToken);
        long bytes = await database.ProjectObjects.Where(stored => stored.RunId == run.Id).SumAsync(stored => stored.Bytes, cancellationToken);
        (long reserved, long newImages, long newBytes) = (run.ReservedImages, images - run.CountedImages, bytes - run.CountedBytes);
        await database.Projects.Where(row => row.Id == run.ProjectId).ExecuteUpdateAsync(
            set => set
                .SetProperty(row => row.ReservedImages, row => row.ReservedImages - reserved)
                .SetProperty(row => row.Images, row => row.Images + newImages)
                .SetProperty(row => row.Bytes, row => row.Bytes + newBytes),
            cancellationToken);
        (run.ReservedImages, run.CountedImages, run.CountedBytes) = (0, images, bytes);
    }

    /// <summary>Counts what is brought in.</summary>
    /// <param name="database">A context in the transaction that writes it.</param>
    /// <param name="projectId">The project.</param>
    /// <param name="images">Images that the project did not have.</param>
    /// <param name="bytes">Bytes that it did not have.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    /// <exception cref="RefusedException">The project has no room for them.</exception>
    public static async Task TakeAsync(FactoryDbContext database, int projectId, long images, long bytes, CancellationToken cancellationToken)
    {
        await RequireRoomAsync(database, await TakeRowAsync(database, projectId, cancellationToken), images, bytes, cancellationToken);
        await database.Projects.Where(row => row.Id == projectId).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Images, row => row.Images + images).SetProperty(row => row.Bytes, row => row.Bytes + bytes), cancellationToken);
    }

    /// <summary>Refuses what there is no room for now; takes nothing.</summary>
    /// <param name="database">Any context.</param>
    /// <param name="project">The project.</param>
    /// <param name="images">Images that are to come.</param>
    /// <param name="bytes">Bytes that are to come.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="RefusedException">The project has no room for them.</exception>
    public static async Task RequireRoomAsync(FactoryDbContext database, Project project, long images, long bytes, CancellationToken cancellationToken)
    {
        RequireImages(project, images, "this brings");
        await RequireBytesAsync(database, project, bytes, "this brings more than is left", cancellationToken);
    }

    /// <summary>Bytes that a project has stored, those of its runs that are not over included.</summary>
    public static async Task<long> BytesAsync(FactoryDbContext database, Project project, CancellationToken cancellationToken)
    {
        IQueryable<Run> going = database.Runs.Where(run => run.ProjectId == project.Id && run.State != RunState.Completed && run.State != RunState.Faulted && run.State != RunState.Canceled);
        return project.Bytes - await going.SumAsync(run => run.CountedBytes, cancellationToken)
            + await database.ProjectObjects.Where(stored => going.Any(run => run.Id == stored.RunId)).SumAsync(stored => stored.Bytes, cancellationToken);
    }

    /// <summary>Samples that a recipe asks for.</summary>
    private static long SamplesOf(Recipe recipe) => recipe.Steps.OfType<SynthesizeStep>().Sum(step => step.Samples ?? step.Counts!.Values.Sum());

    /// <summary>Takes the project's row until the transaction ends, and reads what the one before has left.</summary>
    /// <param name="database">A context in a transaction.</param>
    /// <param name="projectId">The project.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<Project> TakeRowAsync(FactoryDbContext database, int projectId, CancellationToken cancellationToken)
    {
        // An update that changes nothing locks the row on every database, which no query does on all.
        await database.Projects.Where(project => project.Id == projectId).ExecuteUpdateAsync(set => set.SetProperty(project => project.Bytes, project => project.Bytes), cancellationToken);
        return await database.Projects.AsNoTracking().SingleAsync(project => project.Id == projectId, cancellationToken);
    }

    private static void RequireImages(Project project, long images, string wish)
    {
        if (images == 0 || project.ImageQuota is not { } quota || project.Images + project.ReservedImages + images <= quota) return;
        string reserved = project.ReservedImages > 0 ? $" ({Number(project.ReservedImages)} of them by runs that are not over)" : "";
        throw QuotaReached($"project {project.Name}: {Number(project.Images + project.ReservedImages)} of {Number(quota)} images are used{reserved}; {wish} {Number(images)} more.");
    }

    private static async Task RequireBytesAsync(FactoryDbContext database, Project project, long bytes, string wish, CancellationToken cancellationToken)
    {
        if (bytes == 0 || project.ByteQuota is not { } quota) return;
        long used = await BytesAsync(database, project, cancellationToken);
        if (used + bytes > quota) throw QuotaReached($"project {project.Name}: {Number(used)} of {Number(quota)} bytes are used; {wish}.");
    }

    private static RefusedException QuotaReached(string message) => new(StatusCodes.Status409Conflict, message) { IsAudited = true };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
