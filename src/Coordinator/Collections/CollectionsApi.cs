using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Projects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Collections;

/// <summary>HTTP endpoints of collections and of the images prepared for them.</summary>
internal static class CollectionsApi
{
    private const int LookupLimit = 10_000;

    // About a million images, at half a kilobyte each.
    private const long RegistrationBytesLimit = 512L << 20;

    public static void MapCollections(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Collections, ListAsync).RequireAuthorization(Rights.Read);
        routes.MapGet(Routes.Collection, ShowAsync).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.CollectionVersions, (string name, NewCollectionVersion version, CollectionRegistration registration, CancellationToken cancellationToken) =>
            registration.RegisterAsync(name, version, cancellationToken))
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(RegistrationBytesLimit)).RequireAuthorization(Rights.Curate).Audited("collection.register");
        routes.MapPost(Routes.PreparedLookup, LookUpAsync).RequireAuthorization(Rights.Curate);
        routes.MapPost(Routes.PreparedImages, RecordAsync).RequireAuthorization(Rights.Curate).Audited("prepared-images.record");
    }

    internal static CollectionSummary Summarize(CollectionVersion version) => new()
    {
        Project = version.Collection.Project.Name,
        Name = version.Collection.Name,
        Version = version.Version,
        Digest = version.Digest,
        Images = version.ImageCount,
        Subjects = version.SubjectCount,
        Categories = version.Categories,
        License = version.License,
        CreatedAt = version.CreatedAt,
    };

    private static async Task<List<CollectionSummary>> ListAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        List<CollectionVersion> versions = await database.CollectionVersions.AsNoTracking().Include(version => version.Collection)
            .OrderBy(version => version.Collection.Project.Name).ThenBy(version => version.Collection.Name).ThenBy(version => version.Version).ToListAsync(cancellationToken);
        return versions.ConvertAll(Summarize);
    }

    private static async Task<CollectionDetail> ShowAsync(string reference, FactoryDbContext database, CancellationToken cancellationToken)
    {
        CollectionVersion version = await CollectionLookup.FindAsync(database, reference, cancellationToken);
        var counts = await database.CollectionImages.Where(image => image.CollectionVersionId == version.Id)
            .GroupBy(image => new { image.Modality, image.Split, image.Label })
            .Select(group => new { group.Key.Modality, group.Key.Split, group.Key.Label, Count = group.Count() }).ToListAsync(cancellationToken);
        SortedDictionary<string, int> lesions = new(StringComparer.Ordinal);
        await foreach (var masks in database.CollectionImages.AsNoTracking().Where(image => image.CollectionVersionId == version.Id && image.Lesions != null)
            .Select(image => image.Lesions!).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            foreach (string kind in masks.Keys) lesions[kind] = lesions.GetValueOrDefault(kind) + 1;
        }
        List<CollectionVersion> versions = await database.CollectionVersions.AsNoTracking().Include(other => other.Collection)
            .Where(other => other.CollectionId == version.CollectionId).OrderBy(other => other.Version).ToListAsync(cancellationToken);
        return new()
        {
            Summary = Summarize(version),
            Counts = [.. counts.GroupBy(count => (count.Modality, count.Split)).OrderBy(group => group.Key).Select(group => new CollectionCount
            {
                Modality = group.Key.Modality,
                Split = group.Key.Split,
                Categories = [.. Enumerable.Range(0, version.Categories.Count).Select(label => group.Where(count => count.Label == label).Sum(count => count.Count))],
            })],
            Lesions = lesions,
            Preprocessing = version.Preprocessing,
            SplitBasis = version.SplitBasis,
            Layout = version.Layout,
            Terms = version.Terms,
            Refused = version.Refused,
            Versions = versions.ConvertAll(Summarize),
        };
    }

    private static async Task<List<PreparedImageEntry>> LookUpAsync(PreparedLookup lookup, ProjectView view, FactoryDbContext database, CancellationToken cancellationToken)
    {
        if (lookup.Sources.Count > LookupLimit) throw RefusedException.Invalid($"a lookup takes at most {LookupLimit} digests.");
        int projectId = (await view.TargetAsync(cancellationToken)).Id;
        List<PreparedImage> found = await database.PreparedImages.AsNoTracking()
            .Where(image => image.ProjectId == projectId && image.Preprocessing == lookup.Preprocessing && lookup.Sources.Contains(image.Source)).ToListAsync(cancellationToken);
        return found.ConvertAll(image => new PreparedImageEntry
        {
            Source = image.Source,
            Preprocessing = image.Preprocessing,
            Image = new() { Digest = image.Digest, Bytes = image.Bytes, MediaType = MediaTypes.Png },
            Width = image.Width,
            Height = image.Height,
        });
    }

    // Two imports may record the same files at once.
    private static async Task RecordAsync(PreparedImageEntry[] entries, ProjectView view, FactoryDbContext database, CancellationToken cancellationToken)
    {
        int projectId = (await view.TargetAsync(cancellationToken)).Id;
        await Collision.RepeatAsync(database, () => WriteAsync(entries, projectId, database, cancellationToken));
    }

    private static async Task<int> WriteAsync(PreparedImageEntry[] entries, int projectId, FactoryDbContext database, CancellationToken cancellationToken)
    {
        foreach (PreparedImageEntry entry in entries)
        {
            if (await database.PreparedImages.FindAsync([projectId, entry.Preprocessing, entry.Source], cancellationToken) is not null) continue;
            database.PreparedImages.Add(new()
            {
                ProjectId = projectId,
                Source = entry.Source,
                Preprocessing = entry.Preprocessing,
                Digest = entry.Image.Digest,
                Bytes = entry.Image.Bytes,
                Width = entry.Width,
                Height = entry.Height,
            });
        }
        return await database.SaveChangesAsync(cancellationToken);
    }
}
