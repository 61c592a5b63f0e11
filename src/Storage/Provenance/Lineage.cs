using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Provenance;

/// <summary>Everything behind one sample.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Item">The work item that made its shard; its command names generator, classifier and sources.</param>
/// <param name="Run">The run, with its collection version.</param>
/// <param name="Source">The image it was made from; null where the generator is label-conditioned.</param>
/// <param name="Partner">The second image, where the manipulation needed one.</param>
public sealed record SampleOrigin(Sample Sample, WorkItem Item, Run Run, CollectionImage? Source, CollectionImage? Partner);

/// <summary>A sample's place in the order that lineage is read in: by work item, then by index. It orders nothing else.</summary>
/// <param name="WorkItemId">The work item.</param>
/// <param name="Index">Index in the corpus.</param>
public readonly record struct SamplePlace(long WorkItemId, long Index)
{
    /// <summary>Before every sample.</summary>
    public static SamplePlace Start { get; } = new(-1, -1);
}

/// <summary>
/// The two questions of lineage: what became of a subject, and what is behind a sample. The first is read off two indexes that hold nothing but keys, so that it takes as long as the
/// subject has samples, whatever their number in all.
/// </summary>
/// <param name="database">The database.</param>
public sealed class Lineage(FactoryDbContext database)
{
    /// <summary>The images of a subject.</summary>
    /// <param name="collectionId">The collection.</param>
    /// <param name="version">The version; null: all of them.</param>
    /// <param name="subject">The user's id of the subject, exactly as it was imported.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns><see cref="CollectionImage.Id"/> of each; empty when there is no such subject.</returns>
    public Task<List<long>> ImagesOfAsync(int collectionId, int? version, string subject, CancellationToken cancellationToken) => database.CollectionImages
        .Where(image => image.Subject == subject && database.CollectionVersions.Any(candidate =>
            candidate.Id == image.CollectionVersionId && candidate.CollectionId == collectionId && (version == null || candidate.Version == version)))
        .Select(image => image.Id).ToListAsync(cancellationToken);

    /// <summary>How many samples have one of the images as source or as partner. Each counts once.</summary>
    /// <param name="images">Images, by <see cref="CollectionImage.Id"/>.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public Task<long> CountAsync(IReadOnlyList<long> images, CancellationToken cancellationToken) => Places(images).LongCountAsync(cancellationToken);

    /// <summary>Samples that have one of the images as source or as partner, with their work items and steps, in the order of their places.</summary>
    /// <param name="images">Images, by <see cref="CollectionImage.Id"/>.</param>
    /// <param name="after">Samples up to and with this place are left out.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<List<(Sample Sample, WorkItem Item)>> PageAsync(IReadOnlyList<long> images, SamplePlace after, int limit, CancellationToken cancellationToken)
    {
        // Places first and rows after: the rows of a page are fetched by key, those of the other pages not at all.
        IQueryable<SampleKey> page = Places(images)
            .Where(place => place.WorkItemId > after.WorkItemId || (place.WorkItemId == after.WorkItemId && place.Index > after.Index))
            .OrderBy(place => place.WorkItemId).ThenBy(place => place.Index).Take(limit);
        List<Sample> samples = await page.Join(
                database.Samples.AsNoTracking(), place => new { place.WorkItemId, place.Index }, sample => new { sample.WorkItemId, sample.Index }, (_, sample) => sample)
            .OrderBy(sample => sample.WorkItemId).ThenBy(sample => sample.Index).ToListAsync(cancellationToken);
        List<long> ids = [.. samples.Select(sample => sample.WorkItemId).Distinct()];
        Dictionary<long, WorkItem> items = await database.WorkItems.AsNoTracking().Include(item => item.RunStep)
            .Where(item => ids.Contains(item.Id)).ToDictionaryAsync(item => item.Id, cancellationToken);
        return samples.ConvertAll(sample => (sample, items[sample.WorkItemId]));
    }

    /// <summary>Everything behind the sample of a key. The same recipe run twice gives the same keys; the latest run answers.</summary>
    /// <param name="key">The sample's key.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>Its origin; null when no sample has the key.</returns>
    public async Task<SampleOrigin?> BehindAsync(string key, CancellationToken cancellationToken)
    {
        // The latest that can be seen: a later run of another project may have the key too.
        var found = await database.Samples.AsNoTracking().Where(sample => sample.Key == key)
            .Join(database.WorkItems.Include(item => item.RunStep), sample => sample.WorkItemId, item => item.Id, (sample, item) => new { sample, item, step = item.RunStep })
            .Join(database.Runs, both => both.item.RunId, run => run.Id, (both, run) => new { both.sample, both.item, both.step, run, version = run.CollectionVersion, collection = run.CollectionVersion.Collection })
            .OrderByDescending(all => all.sample.WorkItemId).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        if (found is null) return null;
        long? source = found.sample.SourceImageId, partner = found.sample.PartnerImageId;
        Dictionary<long, CollectionImage> images = await database.CollectionImages.AsNoTracking()
            .Where(image => image.Id == source || image.Id == partner).ToDictionaryAsync(image => image.Id, cancellationToken);
        found.item.RunStep = found.step;
        found.version.Collection = found.collection;
        found.run.CollectionVersion = found.version;
        return new(found.sample, found.item, found.run, Of(source), Of(partner));

        CollectionImage? Of(long? image) => image is { } id ? images[id] : null;
    }

    // A sample whose source and partner are of one subject is one sample: the union leaves it once.
    private IQueryable<SampleKey> Places(IReadOnlyList<long> images) => database.Samples.Where(sample => images.Contains(sample.SourceImageId!.Value))
        .Select(sample => new SampleKey { WorkItemId = sample.WorkItemId, Index = sample.Index })
        .Union(database.Samples.Where(sample => images.Contains(sample.PartnerImageId!.Value))
            .Select(sample => new SampleKey { WorkItemId = sample.WorkItemId, Index = sample.Index }));

    private sealed class SampleKey
    {
        public long WorkItemId { get; init; }

        public long Index { get; init; }
    }
}
