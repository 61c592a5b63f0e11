using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Runs.Steps;

namespace Factory.Coordinator.Runs.Plans;

/// <summary>How much work a step is at most, before any of it is planned. Follows from the recipe and the number of images, never from workers or rates.</summary>
internal static class PlanEstimate
{
    /// <summary>The estimate of one step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="training">Training images of the modality that the step sees.</param>
    /// <param name="evaluated">Images, or strict pairs, of the split evaluated on.</param>
    public static PlannedStep Of(RecipeStep step, int training, int evaluated) => step switch
    {
        ClassifierTrainingStep { Rounds: { } rounds } classifier => InRounds(classifier, rounds, ClassifierTraining.TotalSteps(classifier)),
        ClassifierTrainingStep classifier => Make(step, ClassifierTraining.TotalSteps(classifier), classifier.SegmentSteps, "steps"),
        ComputeCamsStep cams => Make(step, training, cams.BlockSize, "images"),
        LesionMapsStep => Make(step, 0, 1, "images"),
        TrainGeneratorStep generator => Make(step, generator.Steps ?? 0, generator.SegmentSteps, "steps"),
        TrainLabelGeneratorStep generator => Make(step, generator.TotalSteps, generator.SegmentSteps, "steps"),
        SynthesizeStep corpus => Make(step, Samples(corpus), corpus.ShardSize, "samples", extraItems: corpus.Quality is { CorpusSamples: > 0 } ? 2 : 1),
        EvaluateStep evaluate => Make(step, (long)evaluated * evaluate.Models.Count, long.MaxValue, "images"),
        _ => throw new InvalidOperationException($"No estimate for {step.Kind}."),
    };

    // Of each round a segment a replica, and the averaging.
    private static PlannedStep InRounds(ClassifierTrainingStep step, TrainingRounds rounds, int units) => new()
    {
        Name = step.Name,
        Kind = step.Kind,
        Items = ((long)(units / rounds.RoundSteps) * (rounds.Replicas + 1)) + (units % rounds.RoundSteps is var rest and > 0 ? rounds.Shares(rest).Count + 1 : 0),
        Units = units,
        Unit = "steps",
        ItemUnits = rounds.Shares(rounds.StepsOf(0, units))[0],
    };

    private static long Samples(SynthesizeStep step) => step.Samples ?? step.Counts!.Values.Sum();

    private static PlannedStep Make(RecipeStep step, long units, long size, string unit, int extraItems = 0) => new()
    {
        Name = step.Name,
        Kind = step.Kind,
        Items = (units / size) + (units % size > 0 ? 1 : 0) + extraItems,
        Units = units,
        Unit = unit,
        ItemUnits = units > 0 ? Math.Min(size, units) : size,
    };
}
