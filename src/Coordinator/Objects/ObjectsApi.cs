using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Storage.Objects;

namespace Factory.Coordinator.Objects;

/// <summary>HTTP endpoints of blobs, by digest.</summary>
internal static class ObjectsApi
{
    private const long UploadBytesLimit = 8L << 30;

    public static void MapObjects(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Routes.Object, ["HEAD"], async (string digest, HttpResponse response, IObjectStore objects, CancellationToken cancellationToken) =>
        {
            if (await objects.LengthAsync(Parse(digest), cancellationToken) is not { } length) return Results.NotFound();
            response.ContentLength = length;
            return Results.Ok();
        }).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Object, async (string digest, IObjectStore objects, CancellationToken cancellationToken) =>
        {
            Sha256Digest wanted = Parse(digest);
            if (await objects.LengthAsync(wanted, cancellationToken) is null) throw RefusedException.Missing($"there is no blob {digest}.");
            return Results.Stream(await objects.OpenReadAsync(wanted, cancellationToken), "application/octet-stream");
        }).RequireAuthorization(Rights.Read);
        routes.MapPut(Routes.Object, UploadAsync)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(UploadBytesLimit)).RequireAuthorization(Rights.Curate);
    }

    private static async Task<ObjectRef> UploadAsync(string digest, HttpRequest request, IObjectStore objects, CancellationToken cancellationToken)
    {
        Sha256Digest wanted = Parse(digest);
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        await request.Body.CopyToAsync(staged.Stream, cancellationToken);
        Sha256Digest actual = await staged.DigestAsync(cancellationToken);
        return actual == wanted
            ? await staged.CommitAsync(request.ContentType ?? "application/octet-stream", cancellationToken)
            : throw RefusedException.Invalid($"the bytes uploaded have the digest {actual.Short}, not {wanted.Short}; upload them again.");
    }

    private static Sha256Digest Parse(string digest) => Sha256Digest.TryParse(digest, out Sha256Digest parsed)
        ? parsed
        : throw RefusedException.Invalid($"'{digest}' is not a SHA-256 digest.");
}
