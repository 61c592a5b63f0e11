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
        TrainGeneratorStep step = (TrainGeneratorStep)scope.RecipeStep(scope.Step.Name);
        StepOutput cams = scope.Output(step.Cams);
        Checkpoint? stage1 = step.From is { } from ? await scope.CheckpointAsync(from, cancellationToken) : null;
        if (stage1 is not null) ConditionSource.RequireSame($"steps.{step.Name}.from", stage1, step.Cams, cams);
        scope.Step.Units = step.Steps ?? 0;
        yield return new(
            new TrainGeneratorSegment
            {
                Order = scope.Order,
                Sources = cams.Sources!,
                Classifier = cams.Classifier,
                Lesions = cams.Lesions,
                Categories = scope.Categories,
                Preset = step.Preset,
                TotalSteps = step.Steps,
                Seed = scope.Seed,
                Stage1 = stage1?.ToObjectRef(),
                Perceptual = step.Perceptual is { } vgg ? (await scope.CheckpointAsync(vgg, cancellationToken)).ToObjectRef() : null,
                PreviewSteps = step.PreviewSteps,
                Steps = step.SegmentSteps,
            },
            Math.Min(step.SegmentSteps, step.Steps ?? step.SegmentSteps));
    }

    public override bool GoesOn(StepScope scope) => true;

    public override Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) => Chain(Next(scope, last));

    private static PlannedItem? Next(StepScope scope, WorkItem last)
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
        List<SegmentTrained> segments = await scope.ResultsAsync<SegmentTrained>(nameof(TrainGeneratorSegment), cancellationToken).ToListAsync(cancellationToken);
        return new()
        {
            Checkpoint = segments[^1].Artifact,
            Curve = segments[^1].Curve,
            Classifier = scope.Output(step.Cams).Classifier,
            Lesions = scope.Output(step.Cams).Lesions,
            Previews = step.PreviewSteps is null ? null : [.. segments.SelectMany(segment => segment.Previews ?? [])],
        };
    }
}
