using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Recipes;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>What of a corpus's quality is planned: the measures of its samples, what they need, and the item that compares it with real images when its shards are there.</summary>
internal static class CorpusMeasuring
{
    /// <summary>More features than this of a collection are not held in a worker's memory: 200 MB at 512 an image.</summary>
    private const int MostTrainingImages = 100_000;

    /// <summary>The measures of each sample, in their order; null where nothing is measured.</summary>
    /// <param name="step">The step.</param>
    /// <param name="takesCams">Whether its generator takes CAMs.</param>
    /// <param name="modality">What it makes images of.</param>
    public static IReadOnlyList<string>? MeasuresOf(SynthesizeStep step, bool takesCams, Modality modality)
    {
        string[] asked = [.. QualityMeasures.All.Where(measure => step.Reject?.Below(measure) is not null
            || (step.Quality is { } quality && (quality.Measures?.Contains(measure) ?? QualityFit.Misfit(measure, step, takesCams, modality) is null)))];
        return asked.Length == 0 ? null : asked;
    }

    /// <summary>The checkpoint of the judge that a step names; null where it names none.</summary>
    public static async Task<ObjectRef?> JudgeAsync(StepScope scope, SynthesizeStep step, CancellationToken cancellationToken) =>
        step.Judge is { } judge ? (await scope.CheckpointAsync(judge, cancellationToken)).ToObjectRef() : null;

    /// <summary>The training images that samples are compared with; null where no measure needs them.</summary>
    /// <exception cref="RefusedException">There are too many to be held.</exception>
    public static async Task<ObjectRef?> TrainingAsync(StepScope scope, IReadOnlyList<string>? measures, CancellationToken cancellationToken)
    {
        if (measures?.Any(QualityMeasures.NeedTraining) != true) return null;
        List<DatasetEntry> entries = await scope.EntriesAsync(Split.Train, cancellationToken);
        if (measures.Contains(QualityMeasures.NearestTrainingDistance) && entries.Count > MostTrainingImages)
        {
            throw RefusedException.Invalid(
                $"steps.{scope.Step.Name}: {QualityMeasures.NearestTrainingDistance} compares each sample with every training image, of which there are {entries.Count}; at most {MostTrainingImages} can be held. Leave it out of quality.measures and reject.");
        }
        return await scope.StoreLinesAsync(entries, cancellationToken);
    }

    /// <summary>The item that compares the corpus with the real training images of its categories; null where it was not asked for, or no sample was kept.</summary>
    public static async Task<PlannedItem?> ItemAsync(StepScope scope, SynthesizeStep step, ObjectRef? conditioning, CancellationToken cancellationToken)
    {
        if (step.Quality is not { CorpusSamples: > 0 } quality) return null;
        CorpusTally tally = new(scope.Categories);
        await foreach (ShardGenerated shard in scope.ResultsAsync<ShardGenerated>(nameof(GenerateShard), cancellationToken)) tally.Add(shard);
        List<DatasetEntry> training = [.. (await scope.EntriesAsync(Split.Train, cancellationToken)).Where(entry => tally.Counts[entry.Label!.Value] > 0)];
        if (tally.Shards.Count == 0 || training.Count == 0) return null;
        ObjectRef? features = quality.Features is { } named ? (await scope.CheckpointAsync(named, cancellationToken)).ToObjectRef() : await JudgeAsync(scope, step, cancellationToken) ?? conditioning;
        return new(
            new MeasureCorpus
            {
                Order = scope.Order,
                Corpus = await scope.StoreLinesAsync(tally.Shards.Select(shard => new DatasetEntry { Object = shard.Artifact, Split = Split.Train, Samples = shard.Counts.Sum() }), cancellationToken),
                Training = await scope.StoreLinesAsync(training, cancellationToken),
                Features = features ?? throw RefusedException.Invalid($"steps.{step.Name}.quality.corpusSamples: {QualityFit.NoFeatures}."),
                Categories = scope.Categories,
                Samples = quality.CorpusSamples,
                BatchSize = step.BatchSize,
                Seed = scope.Seed,
            },
            0);
    }
}
