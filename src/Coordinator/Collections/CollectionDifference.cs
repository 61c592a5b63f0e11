using System.Collections.ObjectModel;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Collections;

/// <summary>What a new list of images changes against a registered version.</summary>
/// <param name="Examples">The first few differences, in words.</param>
/// <param name="Added">Images that are new.</param>
/// <param name="Removed">Images that are gone.</param>
/// <param name="Changed">Images whose pixels, label, split, subject or eye changed.</param>
internal sealed record CollectionDifference(IReadOnlyList<string> Examples, int Added, int Removed, int Changed)
{
    /// <summary>Compares by path.</summary>
    public static async Task<CollectionDifference> BetweenAsync(
        FactoryDbContext database, CollectionVersion? before, IReadOnlyList<CollectionImageEntry> after, int examplesShown, CancellationToken cancellationToken)
    {
        if (before is null) return new([], after.Count, 0, 0);
        Dictionary<string, CollectionImage> old = await database.CollectionImages.AsNoTracking()
            .Where(image => image.CollectionVersionId == before.Id).ToDictionaryAsync(image => image.Path, cancellationToken);
        List<string> examples = [];
        int added = 0, changed = 0;
        foreach (CollectionImageEntry image in after)
        {
            string? what = !old.Remove(image.Path, out CollectionImage? known) ? "added" : WhatChanged(before, known, image);
            if (what is null) continue;
            if (what == "added") added++;
            else changed++;
            if (examples.Count < examplesShown) examples.Add($"{image.Path}: {what}");
        }
        examples.AddRange(old.Keys.Order(StringComparer.Ordinal).Take(examplesShown - examples.Count).Select(path => $"{path}: removed"));
        return new(examples, added, old.Count, changed);
    }

    private static string? WhatChanged(CollectionVersion before, CollectionImage known, CollectionImageEntry image)
    {
        if (known.Digest != image.Image.Digest) return "pixels changed";
        if (known.Label != image.Label) return $"label changed from {before.Categories.Names[known.Label]}";
        if (known.Split != image.Split) return $"split changed from {known.Split} to {image.Split}";
        if (known.Subject != image.Subject || known.Eye != image.Eye) return "subject or eye changed";
        if (!SameLesions(known.Lesions, image.Lesions)) return "lesion masks changed";
        return known.Modality != image.Modality ? $"modality changed from {known.Modality}" : null;
    }

    private static bool SameLesions(IReadOnlyDictionary<string, ObjectRef>? before, IReadOnlyDictionary<string, ObjectRef>? after) =>
        (before ?? ReadOnlyDictionary<string, ObjectRef>.Empty).OrderBy(mask => mask.Key, StringComparer.Ordinal)
            .SequenceEqual((after ?? ReadOnlyDictionary<string, ObjectRef>.Empty).OrderBy(mask => mask.Key, StringComparer.Ordinal));
}
