using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>Whether every replica of a training can have something of every category.</summary>
internal static class ReplicaChecks
{
    /// <summary>Refuses steps with more replicas than a category of the collection has training images, or eyes where strict pairs are learned from.</summary>
    public static async Task RequireAsync(FactoryDbContext database, Recipe recipe, CollectionVersion collection, CancellationToken cancellationToken)
    {
        foreach (ClassifierTrainingStep step in recipe.Steps.OfType<ClassifierTrainingStep>())
        {
            // How many samples a corpus has is known when it is made.
            if (step.Rounds is not { } rounds || step is PretrainStep) continue;
            StepModality seen = RecipeModalities.Of(recipe, step);
            bool strict = step is TrainClassifierStep { Pairing: Pairing.Strict } or FineTuneStep { Pairing: Pairing.Strict };
            IQueryable<CollectionImage> images = database.CollectionImages.Where(image => image.CollectionVersionId == collection.Id && image.Split == Split.Train);
            foreach ((int label, string what, int count) in strict ? await EyesAsync(images, cancellationToken) : await ImagesAsync(images, seen, cancellationToken))
            {
                Require(step.Name, rounds, count, $"{what} of {collection.Categories.Names[label]} to train on in collection {collection.Collection.Name}@{collection.Version}");
            }
        }
    }

    /// <summary>Refuses a step that has fewer of something than replicas.</summary>
    /// <exception cref="RefusedException">It has.</exception>
    public static void Require(string step, TrainingRounds rounds, long count, string what)
    {
        if (count >= rounds.Replicas) return;
        throw RefusedException.Invalid($"steps.{step}.replicas: is {rounds.Replicas}, but there are {count} {what}, and every replica needs some of its own; use at most {count}.");
    }

    private static async Task<List<(int Label, string What, int Count)>> ImagesAsync(IQueryable<CollectionImage> images, StepModality seen, CancellationToken cancellationToken)
    {
        var counts = await images.GroupBy(image => new { image.Modality, image.Label }).Select(group => new { group.Key.Modality, group.Key.Label, Count = group.Count() }).ToListAsync(cancellationToken);
        // What has no partner is in no pair, and in nobody's part.
        HashSet<int> paired = [.. counts.GroupBy(count => count.Label).Where(group => group.Count() == 2).Select(group => group.Key)];
        return [.. counts.Where(count => seen == StepModality.Both ? paired.Contains(count.Label) : RecipeModalities.Widen(count.Modality) == seen)
            .OrderBy(count => count.Label).ThenBy(count => count.Modality).Select(count => (count.Label, $"{count.Modality} images", count.Count))];
    }

    private static async Task<List<(int Label, string What, int Count)>> EyesAsync(IQueryable<CollectionImage> images, CancellationToken cancellationToken)
    {
        var eyes = await images.Where(image => image.Eye != null).GroupBy(image => new { image.Eye, image.Label })
            .Where(group => group.Any(image => image.Modality == Modality.Cfp) && group.Any(image => image.Modality == Modality.Oct))
            .Select(group => group.Key.Label).ToListAsync(cancellationToken);
        return [.. eyes.GroupBy(label => label).OrderBy(group => group.Key).Select(group => (group.Key, "eyes with strict pairs", group.Count()))];
    }
}
