using System.Globalization;
using Factory.Contracts.Api;
using Factory.Coordinator.Access;
using Factory.Coordinator.Collections;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Samples;

/// <summary>HTTP endpoint of lineage: what became of a subject.</summary>
internal static class LineageApi
{
    private const int LargestPage = 10_000;

    public static void MapLineage(this IEndpointRouteBuilder routes) => routes.MapPost(Routes.SubjectLineage, FollowAsync).RequireAuthorization(Rights.Oversee);

    private static async Task<SubjectLineage> FollowAsync(SubjectQuery query, FactoryDbContext database, Lineage lineage, CancellationToken cancellationToken)
    {
        if (query.Limit is < 1 or > LargestPage) throw RefusedException.Invalid($"a page has 1 to {LargestPage} samples, not {query.Limit}.");
        SamplePlace after = Parse(query.After);
        CollectionVersion collection = await CollectionLookup.FindAsync(database, query.Collection, cancellationToken);
        int? version = query.Collection.Contains('@', StringComparison.Ordinal) ? collection.Version : null;
        List<long> images = await lineage.ImagesOfAsync(collection.CollectionId, version, query.Subject, cancellationToken);
        if (images.Count == 0) throw RefusedException.Missing($"collection {query.Collection} has no image of that subject; ids are as they were imported.");
        var page = await lineage.PageAsync(images, after, query.Limit, cancellationToken);
        HashSet<long> own = [.. images];
        return new()
        {
            Images = images.Count,
            Total = await lineage.CountAsync(images, cancellationToken),
            Samples = page.ConvertAll(entry => Describe(entry.Sample, entry.Item, own)),
            Next = page.Count == query.Limit ? Write(page[^1].Sample) : null,
        };
    }

    private static DerivedSample Describe(Sample sample, WorkItem item, HashSet<long> images) => new()
    {
        Key = sample.Key,
        IsSource = sample.SourceImageId is { } source && images.Contains(source),
        IsPartner = sample.PartnerImageId is { } partner && images.Contains(partner),
        Manipulation = sample.Manipulation,
        Image = sample.Image,
        Shard = item.Artifact!.Value,
        RunId = item.RunId,
        Step = item.RunStep.Name,
    };

    private static string Write(Sample last) => string.Create(CultureInfo.InvariantCulture, $"{last.WorkItemId}-{last.Index}");

    private static SamplePlace Parse(string? after)
    {
        if (after is null) return SamplePlace.Start;
        string[] parts = after.Split('-');
        return parts.Length == 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out long item) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out long index)
            ? new(item, index)
            : throw RefusedException.Invalid($"'{after}' is no place to go on from; take the next of the page before.");
    }
}
