using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Projects;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Checkpoints;

/// <summary>HTTP endpoints of checkpoints.</summary>
internal static partial class CheckpointsApi
{
    public static void MapCheckpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Checkpoints, async (FactoryDbContext database, CancellationToken cancellationToken) =>
            (await database.Checkpoints.AsNoTracking().OrderBy(checkpoint => checkpoint.Id).ToListAsync(cancellationToken)).ConvertAll(Describe)).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Checkpoint, async (string reference, FactoryDbContext database, CancellationToken cancellationToken) =>
            Describe(await CheckpointLookup.FindAsync(database, reference, cancellationToken))).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.Checkpoints, RegisterAsync).RequireAuthorization(Rights.Curate).Audited("checkpoint.register");
    }

    private static async Task<CheckpointDetail> RegisterAsync(
        NewCheckpoint wanted, ProjectView view, FactoryDbContext database, IObjectStore objects, IDatabaseClock clock, CancellationToken cancellationToken)
    {
        if (!NamePattern().IsMatch(wanted.Name)) throw RefusedException.Invalid($"'{wanted.Name}' is not a checkpoint name: lower-case letters, digits, dots and dashes, at most 63.");
        if (!CheckpointKinds.All.Contains(wanted.Kind)) throw RefusedException.Invalid($"'{wanted.Kind}' is no kind of checkpoint: {string.Join(", ", CheckpointKinds.All)}.");
        if (wanted.Kind is CheckpointKinds.Classifier or CheckpointKinds.TwoStream && Runs.Steps.CheckpointShape.Parse(wanted.Architecture).Kind is var kind && kind != wanted.Kind)
        {
            throw RefusedException.Invalid($"architecture {wanted.Architecture} is a {kind}'s, not a {wanted.Kind}'s.");
        }
        int projectId = (await view.TargetAsync(cancellationToken)).Id;
        bool shown = !view.IsConfined || await ProjectBlobs.Known(database, projectId, [wanted.Object.Digest]).AnyAsync(cancellationToken);
        if (!shown || await objects.LengthAsync(wanted.Object.Digest, cancellationToken) != wanted.Object.Bytes) throw RefusedException.Invalid("the checkpoint's bytes were not uploaded.");
        return await Collision.RepeatAsync(database, () => AddAsync(wanted, view, database, clock, cancellationToken));
    }

    private static async Task<CheckpointDetail> AddAsync(NewCheckpoint wanted, ProjectView view, FactoryDbContext database, IDatabaseClock clock, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        Project project = await view.TargetAsync(cancellationToken);
        if (await database.Checkpoints.SingleOrDefaultAsync(checkpoint => checkpoint.ProjectId == project.Id && checkpoint.Name == wanted.Name, cancellationToken) is { } taken)
        {
            return taken.Digest == wanted.Object.Digest
                ? Describe(taken)
                : throw RefusedException.Conflict($"a checkpoint named {wanted.Name} exists already, with other bytes ({taken.Digest.Short}); choose another name.");
        }
        Checkpoint added = new()
        {
            Project = project,
            Name = wanted.Name,
            Digest = wanted.Object.Digest,
            Bytes = wanted.Object.Bytes,
            Kind = wanted.Kind,
            Architecture = wanted.Architecture,
            Categories = wanted.Categories,
            Size = wanted.Size,
            Classifier = wanted.Classifier,
            Lesions = wanted.Lesions,
            CreatedAt = await clock.NowAsync(database, cancellationToken),
        };
        await ProjectBlobs.NoteAsync(database, project.Id, wanted.Object.Digest, wanted.Object.Bytes, cancellationToken);
        database.Checkpoints.Add(added);
        database.Audit?.Target = $"{Routes.Checkpoints}/{added.Name}";
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Describe(added);
    }

    private static CheckpointDetail Describe(Checkpoint checkpoint) => new()
    {
        Project = checkpoint.Project.Name,
        Name = checkpoint.Name,
        Object = checkpoint.ToObjectRef(),
        Kind = checkpoint.Kind,
        Architecture = checkpoint.Architecture,
        Categories = checkpoint.Categories,
        Size = checkpoint.Size,
        Classifier = checkpoint.Classifier,
        Lesions = checkpoint.Lesions,
        RunId = checkpoint.RunId,
        Step = checkpoint.Step,
        CreatedAt = checkpoint.CreatedAt,
    };

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{0,62}$")]
    private static partial Regex NamePattern();
}
