using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Checkpoints;
using Factory.Coordinator.Collections;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs;

/// <summary>What can be known to fail before any work is done: images that are missing or too small, checkpoints that do not fit.</summary>
internal static class SubmissionChecks
{
    /// <summary>Refuses a recipe that the collection or the registered checkpoints cannot serve.</summary>
    public static async Task RequireFitAsync(FactoryDbContext database, Recipe recipe, CollectionVersion collection, CancellationToken cancellationToken)
    {
        await RequireImagesAsync(database, recipe, collection, cancellationToken);
        foreach (RecipeStep step in recipe.Steps)
        {
            foreach (string input in step.Inputs.Where(StepInput.IsCheckpoint))
            {
                Checkpoint checkpoint = await CheckpointLookup.FindAsync(database, input[StepInput.CheckpointPrefix.Length..], cancellationToken);
                RequireFit(recipe, step, input, checkpoint, collection.Categories);
            }
        }
        await RequireOneClassifierAsync(database, recipe, cancellationToken);
        foreach (LesionMapsStep step in recipe.Steps.OfType<LesionMapsStep>()) await LesionChecks.RequireMasksAsync(database, recipe, step, collection, cancellationToken);
        await ReplicaChecks.RequireAsync(database, recipe, collection, cancellationToken);
    }

    private static async Task RequireImagesAsync(FactoryDbContext database, Recipe recipe, CollectionVersion collection, CancellationToken cancellationToken)
    {
        foreach (Modality modality in RecipeModalities.Used(recipe)) await RequireImagesAsync(database, recipe, modality, collection, cancellationToken);
        await RequirePairsAsync(database, recipe, collection, cancellationToken);
    }

    private static async Task RequireImagesAsync(FactoryDbContext database, Recipe recipe, Modality modality, CollectionVersion collection, CancellationToken cancellationToken)
    {
        string name = $"{collection.Collection.Name}@{collection.Version}";
        StepModality own = RecipeModalities.Widen(modality);
        List<RecipeStep> steps = [.. recipe.Steps.Where(step => RecipeModalities.Of(recipe, step) is var seen && (seen == own || seen == StepModality.Both))];
        IQueryable<CollectionImage> images = database.CollectionImages
            .Where(image => image.CollectionVersionId == collection.Id && image.Modality == modality);
        var counts = await images.GroupBy(image => new { image.Split, image.Label })
            .Select(group => new { group.Key.Split, group.Key.Label, Side = group.Min(image => Math.Min(image.Width, image.Height)) })
            .ToListAsync(cancellationToken);
        if (counts.Count == 0) throw RefusedException.Invalid($"collection {name} has no {modality} images.");
        if (counts.Where(count => count.Split == Split.Train).Select(count => count.Label).Distinct().Count() < 2)
        {
            throw RefusedException.Invalid($"collection {name} has {modality} training images of one category only; a classifier needs at least two.");
        }
        if (steps.OfType<ClassifierTrainingStep>().Any() && counts.All(count => count.Split != Split.Validation))
        {
            throw RefusedException.Invalid($"collection {name} has no {modality} validation images, which choose the checkpoint; import it with a split that has some.");
        }
        foreach (EvaluateStep step in steps.OfType<EvaluateStep>())
        {
            if (counts.All(count => count.Split != step.Split)) throw RefusedException.Invalid($"steps.{step.Name}.split: collection {name} has no {modality} {step.Split} images.");
        }
        int smallest = counts.Min(count => count.Side);
        foreach (NewClassifierStep step in steps.OfType<NewClassifierStep>().Where(step => step.Size > smallest))
        {
            throw RefusedException.Invalid($"steps.{step.Name}.size: the network wants {step.Size} px, but collection {name} has images of {smallest} px; use a smaller size, or import without them.");
        }
    }

    // Of a collection that does not say whose eye an image shows, nothing of two streams can be validated or evaluated.
    private static async Task RequirePairsAsync(FactoryDbContext database, Recipe recipe, CollectionVersion collection, CancellationToken cancellationToken)
    {
        Dictionary<Split, Dictionary<int, long>> known = [];
        foreach (RecipeStep step in recipe.Steps.Where(step => RecipeModalities.Of(recipe, step) == StepModality.Both))
        {
            if (step is EvaluateStep evaluate) await RequireAsync(step, evaluate.Split, 1);
            if (step is ClassifierTrainingStep) await RequireAsync(step, Split.Validation, 1);
            if (step is TrainClassifierStep { Pairing: Pairing.Strict } or FineTuneStep { Pairing: Pairing.Strict }) await RequireAsync(step, Split.Train, 2);
            else if (step is TrainClassifierStep or FineTuneStep) await RequireLooseAsync(database, step, collection, cancellationToken);
        }

        async Task RequireAsync(RecipeStep step, Split split, int categories)
        {
            if (!known.TryGetValue(split, out Dictionary<int, long>? pairs)) known[split] = pairs = await StrictPairs.CountAsync(database, collection.Id, split, cancellationToken);
            if (pairs.Count >= categories) return;
            throw RefusedException.Invalid($"steps.{step.Name}: collection {collection.Collection.Name}@{collection.Version} has {split} pairs of CFP and OCT of one eye in {pairs.Count} categories, at least {categories} needed; import it with the ids of eyes.");
        }
    }

    private static async Task RequireLooseAsync(FactoryDbContext database, RecipeStep step, CollectionVersion collection, CancellationToken cancellationToken)
    {
        int both = await database.CollectionImages.Where(image => image.CollectionVersionId == collection.Id && image.Split == Split.Train)
            .GroupBy(image => image.Label).Where(group => group.Select(image => image.Modality).Distinct().Count() == 2).CountAsync(cancellationToken);
        if (both < 2) throw RefusedException.Invalid($"steps.{step.Name}: collection {collection.Collection.Name}@{collection.Version} has training images of both modalities in {both} categories only; loose pairs need two.");
    }

    private static void RequireKind(Recipe recipe, RecipeStep step, string input, Checkpoint checkpoint)
    {
        string needed = step switch
        {
            TrainGeneratorStep generator when generator.Perceptual == input => CheckpointKinds.Perceptual,
            SynthesizeStep synthesis when input != synthesis.Generator => CheckpointKinds.Classifier,
            SynthesizeStep when checkpoint.Kind == CheckpointKinds.LabelGenerator => CheckpointKinds.LabelGenerator,
            SynthesizeStep or TrainGeneratorStep => CheckpointKinds.Generator,
            FineTuneStep when RecipeModalities.Of(recipe, step) == StepModality.Both => CheckpointKinds.TwoStream,
            _ => CheckpointKinds.Classifier,
        };
        // Pairs can be shown to one stream as well as to two.
        if (checkpoint.Kind == needed || (checkpoint.Kind == CheckpointKinds.TwoStream && step is EvaluateStep && RecipeModalities.Of(recipe, step) == StepModality.Both)) return;
        string hint = checkpoint.Kind == CheckpointKinds.TwoStream && step is FineTuneStep or EvaluateStep ? " (with modality: both this one serves)" : "";
        throw RefusedException.Invalid($"steps.{step.Name}: checkpoint {checkpoint.Name} is a {checkpoint.Kind}, a {needed} is needed{hint}.");
    }

    private static void RequireFit(Recipe recipe, RecipeStep step, string input, Checkpoint checkpoint, CategoryList categories)
    {
        RequireKind(recipe, step, input, checkpoint);
        if (step is SynthesizeStep synthesis && input == synthesis.Generator) RequireSources(recipe, synthesis, checkpoint);
        // Of what only gives features, nobody asks which categories it knows.
        if (checkpoint.Kind == CheckpointKinds.Perceptual || (step is SynthesizeStep { Quality.Features: { } features } corpusStep && features == input && corpusStep.Judge != input)) return;
        if (step is TrainGeneratorStep stage2 && GeneratorPresets.Canonical(checkpoint.Architecture) is var stage1 && stage1 != GeneratorPresets.Stages[stage2.Preset])
        {
            throw RefusedException.Invalid($"steps.{step.Name}.from: preset {stage2.Preset} starts from a generator of preset {GeneratorPresets.Stages[stage2.Preset]}, checkpoint {checkpoint.Name} is of {stage1}.");
        }
        if (!checkpoint.Categories.Matches(categories))
        {
            throw RefusedException.Invalid($"steps.{step.Name}: checkpoint {checkpoint.Name} knows the categories {checkpoint.Categories}; the collection has {categories}.");
        }
        int? size = step switch { SynthesizeStep corpus when input == corpus.Generator => corpus.Size, FineTuneStep tune => tune.Size, ComputeCamsStep cams => cams.Size, _ => null };
        if (size is { } wanted && wanted != checkpoint.Size)
        {
            throw RefusedException.Invalid($"steps.{step.Name}.size: checkpoint {checkpoint.Name} is of {checkpoint.Size} px, the recipe asks for {wanted} px.");
        }
    }

    private static void RequireSources(Recipe recipe, SynthesizeStep step, Checkpoint generator)
    {
        if (generator.Kind == CheckpointKinds.Generator && step.Cams is null)
        {
            throw RefusedException.Invalid($"steps.{step.Name}.cams: is required when the generator is a checkpoint: name the ComputeCams step of the generator's classifier, or the LesionMaps step that it understands.");
        }
        if (generator.Kind == CheckpointKinds.LabelGenerator && SynthesizeKind.NeedlessKeys(step).FirstOrDefault() is { } key)
        {
            throw RefusedException.Invalid($"steps.{step.Name}.{key}: {SynthesizeKind.Needless(key)}.");
        }
        foreach ((string path, string reason) in QualityFit.Misfits(step, takesCams: generator is { Kind: CheckpointKinds.Generator, Lesions: null }, RecipeModalities.OneOf(recipe, step)))
        {
            throw RefusedException.Invalid($"steps.{step.Name}.{path}: {reason}.");
        }
    }

    // Where both the generator and the classifier are registered already, a mismatch is known now and not after the CAMs.
    private static async Task RequireOneClassifierAsync(FactoryDbContext database, Recipe recipe, CancellationToken cancellationToken)
    {
        IEnumerable<(string Step, string Generator, string Cams)> pairs =
        [
            .. recipe.Steps.OfType<SynthesizeStep>().Where(step => StepInput.IsCheckpoint(step.Generator) && step.Cams is not null).Select(step => (step.Name, step.Generator, step.Cams!)),
            .. recipe.Steps.OfType<TrainGeneratorStep>().Where(step => step.From is { } from && StepInput.IsCheckpoint(from)).Select(step => (step.Name, step.From!, step.Cams)),
        ];
        foreach ((string step, string from, string drawn) in pairs)
        {
            RecipeStep source = recipe.Steps.Single(other => other.Name == drawn);
            Checkpoint generator = await CheckpointLookup.FindAsync(database, from[StepInput.CheckpointPrefix.Length..], cancellationToken);
            if (source is not ComputeCamsStep cams)
            {
                if (generator.Lesions is null) throw RefusedException.Invalid($"steps.{step}: generator {generator.Name} was trained on CAMs, but step {source.Name} makes lesion maps.");
                continue;
            }
            if (generator.Lesions is not null) throw RefusedException.Invalid($"steps.{step}: generator {generator.Name} was trained on lesion maps, but step {source.Name} computes CAMs.");
            Checkpoint? classifier = StepInput.IsCheckpoint(cams.Classifier)
                ? await CheckpointLookup.FindAsync(database, cams.Classifier[StepInput.CheckpointPrefix.Length..], cancellationToken)
                : null;
            if (classifier is not null && classifier.Digest != generator.Classifier)
            {
                throw RefusedException.Invalid($"steps.{step}: generator {generator.Name} was trained on CAMs of classifier {generator.Classifier?.Short}, but step {cams.Name} computes CAMs of {classifier.Name} ({classifier.Digest.Short}).");
            }
        }
    }
}
