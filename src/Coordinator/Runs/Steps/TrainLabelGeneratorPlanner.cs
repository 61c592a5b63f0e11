using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>How the architecture of a label-conditioned generator is written: its presets share names with those of the other generators.</summary>
internal static class LabelArchitecture
{
    /// <summary>The word for a preset, such as <c>label-tiny64</c>.</summary>
    public static string Of(string preset) => $"label-{preset}";
}

/// <summary>Plans the training of a label-conditioned generator as a chain of segments.</summary>
internal sealed class TrainLabelGeneratorPlanner : StepPlanner
{
    public override string Kind => "TrainLabelGenerator";

    public override string Unit => "steps";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TrainLabelGeneratorStep step = (TrainLabelGeneratorStep)scope.RecipeStep(scope.Step.Name);
        List<CollectionImage> images = await scope.Images.Where(image => image.Split == Split.Train).ToListAsync(cancellationToken);
        scope.Step.Units = step.TotalSteps;
        yield return new(
            new TrainLabelGeneratorSegment
            {
                Order = scope.Order,
                Dataset = await scope.StoreLinesAsync(images.Select(image => new DatasetEntry { Object = image.ToObjectRef(), Split = Split.Train, Label = image.Label }), cancellationToken),
                Categories = scope.Categories,
                Preset = step.Preset,
                TotalSteps = step.TotalSteps,
                Seed = scope.Seed,
                PreviewSteps = step.PreviewSteps,
                Steps = step.SegmentSteps,
            },
            Math.Min(step.SegmentSteps, step.TotalSteps));
    }

    public override bool GoesOn(StepScope scope) => true;

    public override Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) => Chain(Next(scope, last));

    private static PlannedItem? Next(StepScope scope, WorkItem last)
    {
        SegmentTrained result = JsonSerializer.Deserialize<SegmentTrained>(last.Result!, ContractJson.Options)!;
        if (result.Finished) return null;
        TrainLabelGeneratorSegment segment = (TrainLabelGeneratorSegment)WorkCommands.Restore(last);
        return new(segment with { Order = scope.Order, Resume = result.Artifact }, Math.Min(segment.Steps, segment.TotalSteps - result.StepsDone));
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        TrainLabelGeneratorStep step = (TrainLabelGeneratorStep)scope.RecipeStep(scope.Step.Name);
        List<SegmentTrained> segments = await scope.ResultsAsync<SegmentTrained>(nameof(TrainLabelGeneratorSegment), cancellationToken).ToListAsync(cancellationToken);
        return new()
        {
            Checkpoint = segments[^1].Artifact,
            Curve = segments[^1].Curve,
            Previews = step.PreviewSteps is null ? null : [.. segments.SelectMany(segment => segment.Previews ?? [])],
        };
    }
}
