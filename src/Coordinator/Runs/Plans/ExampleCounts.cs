using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Plans;

/// <summary>How many images, or strict pairs, the steps of a recipe have before them.</summary>
internal sealed class ExampleCounts
{
    private readonly Recipe _recipe;
    private readonly Dictionary<(StepModality Seen, Split Split), long> _counts;

    private ExampleCounts(Recipe recipe, Dictionary<(StepModality Seen, Split Split), long> counts) => (_recipe, _counts) = (recipe, counts);

    /// <summary>Counts those of a collection.</summary>
    public static async Task<ExampleCounts> OfAsync(FactoryDbContext database, Recipe recipe, CollectionVersion collection, CancellationToken cancellationToken)
    {
        Dictionary<(StepModality Seen, Split Split), long> counts = await database.CollectionImages.Where(image => image.CollectionVersionId == collection.Id)
            .GroupBy(image => new { image.Modality, image.Split }).Select(group => new { group.Key.Modality, group.Key.Split, Count = group.Count() })
            .ToDictionaryAsync(group => (RecipeModalities.Widen(group.Modality), group.Split), group => (long)group.Count, cancellationToken);
        foreach (Split split in recipe.Steps.OfType<EvaluateStep>().Where(step => RecipeModalities.Of(recipe, step) == StepModality.Both).Select(step => step.Split).Distinct())
        {
            counts[(StepModality.Both, split)] = (await StrictPairs.CountAsync(database, collection.Id, split, cancellationToken)).Values.Sum();
        }
        return new(recipe, counts);
    }

    /// <summary>Those of one side of the split that a step sees.</summary>
    public int Of(RecipeStep step, Split split) => checked((int)_counts.GetValueOrDefault((RecipeModalities.Of(_recipe, step), split)));
}
