using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Projects;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Objects;

/// <summary>HTTP endpoints of blobs, by digest.</summary>
internal static class ObjectsApi
{
    private const long UploadBytesLimit = 8L << 30;

    public static void MapObjects(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Routes.Object, ["HEAD"], async (string digest, HttpResponse response, IObjectStore objects, FactoryDbContext database, CancellationToken cancellationToken) =>
        {
            if (await LengthAsync(Parse(digest), objects, database, cancellationToken) is not { } length) return Results.NotFound();
            response.ContentLength = length;
            return Results.Ok();
        }).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Object, async (string digest, IObjectStore objects, FactoryDbContext database, CancellationToken cancellationToken) =>
        {
            Sha256Digest wanted = Parse(digest);
            if (await LengthAsync(wanted, objects, database, cancellationToken) is null) throw RefusedException.Missing($"there is no blob {digest}.");
            return Results.Stream(await objects.OpenReadAsync(wanted, cancellationToken), "application/octet-stream");
        }).RequireAuthorization(Rights.Read);
        routes.MapPut(Routes.Object, UploadAsync)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(UploadBytesLimit)).RequireAuthorization(Rights.Curate).Audited("object.upload", refusalsOnly: true);
    }

    // Whoever is confined to projects finds what these have; what others have is not there for it.
    private static async Task<long?> LengthAsync(Sha256Digest digest, IObjectStore objects, FactoryDbContext database, CancellationToken cancellationToken) =>
        database.VisibleProjects is null || await database.ProjectObjects.AnyAsync(stored => stored.Digest == digest, cancellationToken)
            ? await objects.LengthAsync(digest, cancellationToken)
            : null;

    private static async Task<ObjectRef> UploadAsync(string digest, HttpRequest request, IObjectStore objects, FactoryDbContext database, ProjectView view, CancellationToken cancellationToken)
    {
        Sha256Digest wanted = Parse(digest);
        Project project = await view.TargetAsync(cancellationToken);
        bool known = await ProjectBlobs.Known(database, project.Id, [wanted]).AnyAsync(cancellationToken);
        if (!known) await ProjectLedger.RequireRoomAsync(database, project, 0, request.ContentLength ?? 1, cancellationToken);
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        await request.Body.CopyToAsync(staged.Stream, cancellationToken);
        Sha256Digest actual = await staged.DigestAsync(cancellationToken);
        if (actual != wanted) throw RefusedException.Invalid($"the bytes uploaded have the digest {actual.Short}, not {wanted.Short}; upload them again.");
        // Counted before it is stored: of a blob that is not stored after all, the next upload counts nothing.
        if (!known) await ProjectBlobs.AddAsync(database, project.Id, wanted, staged.Stream.Length, cancellationToken);
        return await staged.CommitAsync(request.ContentType ?? "application/octet-stream", cancellationToken);
    }

    private static Sha256Digest Parse(string digest) => Sha256Digest.TryParse(digest, out Sha256Digest parsed)
        ? parsed
        : throw RefusedException.Invalid($"'{digest}' is not a SHA-256 digest.");
}
