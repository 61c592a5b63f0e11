using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the training of a generator as a chain of segments.</summary>
internal sealed class TrainGeneratorPlanner : StepPlanner
{
    public override string Kind => "TrainGenerator";

    public override string Unit => "steps";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        TrainGeneratorStep step = (TrainGeneratorStep)scope.RecipeStep(scope.Step.Name);
        StepOutput cams = scope.Output(step.Cams);
        scope.Step.Units = step.Steps ?? 0;
        yield return new(
            new TrainGeneratorSegment
            {
                Order = scope.Order,
                Sources = cams.Sources!,
                Classifier = cams.Classifier!,
                Categories = scope.Categories,
                Preset = step.Preset,
                TotalSteps = step.Steps,
                Seed = scope.Seed,
                Steps = step.SegmentSteps,
            },
            Math.Min(step.SegmentSteps, step.Steps ?? step.SegmentSteps));
    }

    public override PlannedItem? Next(StepScope scope, WorkItem last)
    {
        SegmentTrained result = JsonSerializer.Deserialize<SegmentTrained>(last.Result!, ContractJson.Options)!;
        if (result.Finished) return null;
        TrainGeneratorSegment segment = (TrainGeneratorSegment)WorkCommands.Restore(last);
        long left = segment.TotalSteps is { } total ? total - result.StepsDone : segment.Steps;
        return new(segment with { Order = scope.Order, Resume = result.Artifact }, Math.Min(segment.Steps, left));
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        TrainGeneratorStep step = (TrainGeneratorStep)scope.RecipeStep(scope.Step.Name);
        SegmentTrained last = await scope.ResultsAsync<SegmentTrained>(nameof(TrainGeneratorSegment), cancellationToken).LastAsync(cancellationToken);
        return new() { Checkpoint = last.Artifact, Curve = last.Curve, Classifier = scope.Output(step.Cams).Classifier };
    }
}
