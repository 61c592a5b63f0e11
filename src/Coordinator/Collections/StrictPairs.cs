using Factory.Contracts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Collections;

/// <summary>Counts the strict pairs of a collection: a CFP and an OCT image of one eye and one category.</summary>
internal static class StrictPairs
{
    /// <summary>The number of pairs of each category that has any, on one side of the split.</summary>
    public static async Task<Dictionary<int, long>> CountAsync(FactoryDbContext database, int collectionVersionId, Split split, CancellationToken cancellationToken)
    {
        var eyes = await database.CollectionImages
            .Where(image => image.CollectionVersionId == collectionVersionId && image.Split == split && image.Eye != null)
            .GroupBy(image => new { image.Eye, image.Label })
            .Select(group => new
            {
                group.Key.Label,
                Cfp = group.Count(image => image.Modality == Modality.Cfp),
                Oct = group.Count(image => image.Modality == Modality.Oct),
            })
            .Where(eye => eye.Cfp > 0 && eye.Oct > 0)
            .ToListAsync(cancellationToken);
        return eyes.GroupBy(eye => eye.Label).ToDictionary(group => group.Key, group => group.Sum(eye => (long)eye.Cfp * eye.Oct));
    }
}
