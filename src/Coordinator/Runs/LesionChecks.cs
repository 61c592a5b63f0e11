using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>What can be known to fail of lesion maps before any work is done.</summary>
internal static class LesionChecks
{
    /// <summary>Refuses a step that finds no masks, or none of a kind that it names, or only in one category, or in images smaller than its grid.</summary>
    public static async Task RequireMasksAsync(FactoryDbContext database, Recipe recipe, LesionMapsStep step, CollectionVersion collection, CancellationToken cancellationToken)
    {
        string name = $"{collection.Collection.Name}@{collection.Version}";
        Modality modality = RecipeModalities.OneOf(recipe, step);
        List<CollectionImage> masked = await database.CollectionImages.AsNoTracking()
            .Where(image => image.CollectionVersionId == collection.Id && image.Modality == modality && image.Split == Split.Train && image.Lesions != null).ToListAsync(cancellationToken);
        IReadOnlyList<string> known = LesionKinds.Of(masked, collection.Categories);
        if (known.Count == 0) throw RefusedException.Invalid($"steps.{step.Name}: collection {name} has no {modality} training images with lesion masks; import it with --lesions.");
        if (step.Kinds?.FirstOrDefault(kind => !known.Contains(kind)) is { } unknown)
        {
            throw RefusedException.Invalid($"steps.{step.Name}.kinds: collection {name} has no masks of '{unknown}' among its {modality} training images; it has {string.Join(", ", known)}.");
        }
        if (masked.Min(image => Math.Min(image.Width, image.Height)) is var side && side < step.Grid)
        {
            throw RefusedException.Invalid($"steps.{step.Name}.grid: is {step.Grid}, but collection {name} has masks of {side} px.");
        }
    }
}
