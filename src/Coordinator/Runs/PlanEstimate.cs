using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Coordinator.Runs.Steps;

namespace Factory.Coordinator.Runs;

/// <summary>How much work a step is at most, before any of it is planned.</summary>
internal static class PlanEstimate
{
    /// <summary>The estimate of one step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="training">Training images of the modality.</param>
    /// <param name="evaluated">Images of the split evaluated on.</param>
    public static PlannedStep Of(RecipeStep step, int training, int evaluated) => step switch
    {
        ClassifierTrainingStep classifier => Make(step, Pieces(ClassifierTraining.TotalSteps(classifier), classifier.SegmentSteps), ClassifierTraining.TotalSteps(classifier), "steps"),
        ComputeCamsStep cams => Make(step, Pieces(training, cams.BlockSize), training, "images"),
        TrainGeneratorStep { Steps: { } steps } generator => Make(step, Pieces(steps, generator.SegmentSteps), steps, "steps"),
        TrainGeneratorStep => Make(step, 0, 0, "steps"),
        SynthesizeStep corpus => Make(step, Pieces(Samples(corpus), corpus.ShardSize) + 1, Samples(corpus), "samples"),
        EvaluateStep evaluate => Make(step, 1, (long)evaluated * evaluate.Models.Count, "images"),
        _ => throw new InvalidOperationException($"No estimate for {step.Kind}."),
    };

    private static long Samples(SynthesizeStep step) => step.Samples ?? step.Counts!.Values.Sum();

    private static long Pieces(long units, long size) => (units + size - 1) / size;

    private static PlannedStep Make(RecipeStep step, long items, long units, string unit) =>
        new() { Name = step.Name, Kind = step.Kind, Items = items, Units = units, Unit = unit };
}
