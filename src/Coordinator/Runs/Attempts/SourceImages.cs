using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>Leads from a source's number in a list of sources to the collection image behind it.</summary>
internal sealed class SourceImages
{
    private readonly List<long> _ids;

    private SourceImages(List<long> ids) => _ids = ids;

    /// <summary><see cref="CollectionImage.Id"/> of the source.</summary>
    /// <exception cref="InvalidDataException">The list has no such number.</exception>
    public long this[int source] => source >= 0 && source < _ids.Count
        ? _ids[source]
        : throw new InvalidDataException($"a sample names source {source}, but its sources are {_ids.Count}.");

    /// <summary>Reads the list and finds its images in the run's collection version.</summary>
    public static async Task<SourceImages> ReadAsync(
        FactoryDbContext database, IObjectStore objects, int runId, ObjectRef list, CancellationToken cancellationToken)
    {
        Run run = await database.Runs.AsNoTracking().SingleAsync(candidate => candidate.Id == runId, cancellationToken);
        var images = await database.CollectionImages.AsNoTracking()
            .Where(image => image.CollectionVersionId == run.CollectionVersionId && image.Modality == run.Recipe.Modality && image.Split == Split.Train)
            .OrderBy(image => image.Ordinal).Select(image => new { image.Id, image.Digest }).ToListAsync(cancellationToken);
        List<long> ids = [];
        await foreach (CamSource source in JsonLines.ReadAsync<CamSource>(objects, list, cancellationToken))
        {
            // Sources are listed in the order of the collection's training images.
            if (ids.Count >= images.Count || images[ids.Count].Digest != source.Image.Digest)
            {
                throw new InvalidDataException($"Source {ids.Count} of list {list.Digest.Short} is not image {ids.Count} of run {runId}'s collection.");
            }
            ids.Add(images[ids.Count].Id);
        }
        return new(ids);
    }
}
