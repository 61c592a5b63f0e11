using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>Leads from a source's number in a list of sources to the collection image behind it. What was read is kept: every shard of a corpus asks for the same list.</summary>
internal sealed class SourceImages(IObjectStore objects) : IDisposable
{
    /// <summary>Sources kept, of all lists together; 8 bytes each.</summary>
    private const long Kept = 2_000_000;

    private readonly MemoryCache _lists = new(new MemoryCacheOptions { SizeLimit = Kept });

    /// <summary>The <see cref="CollectionImage.Id"/> of each source, in the order of the list.</summary>
    /// <exception cref="InvalidDataException">The list is not of the run's collection.</exception>
    public async Task<IReadOnlyList<long>> OfAsync(FactoryDbContext database, int runId, Modality modality, ObjectRef list, CancellationToken cancellationToken)
    {
        if (_lists.TryGetValue((runId, list.Digest), out IReadOnlyList<long>? kept)) return kept!;
        List<long> ids = await ReadAsync(database, runId, modality, list, cancellationToken);
        return _lists.Set((runId, list.Digest), ids, new MemoryCacheEntryOptions { Size = ids.Count });
    }

    /// <inheritdoc/>
    public void Dispose() => _lists.Dispose();

    private async Task<List<long>> ReadAsync(FactoryDbContext database, int runId, Modality modality, ObjectRef list, CancellationToken cancellationToken)
    {
        Run run = await database.Runs.AsNoTracking().SingleAsync(candidate => candidate.Id == runId, cancellationToken);
        var images = await database.CollectionImages.AsNoTracking()
            .Where(image => image.CollectionVersionId == run.CollectionVersionId && image.Modality == modality && image.Split == Split.Train)
            .OrderBy(image => image.Ordinal).Select(image => new { image.Id, image.Digest }).ToListAsync(cancellationToken);
        List<long> ids = [];
        int next = 0;
        await foreach (CamSource source in JsonLines.ReadAsync<CamSource>(objects, list, cancellationToken))
        {
            // Sources are listed in the order of the collection's training images; where only some have masks, others stand between them.
            while (next < images.Count && images[next].Digest != source.Image.Digest) next++;
            if (next == images.Count) throw new InvalidDataException($"Source {ids.Count} of list {list.Digest.Short} is no further image of run {runId}'s collection.");
            ids.Add(images[next++].Id);
        }
        return ids;
    }
}
