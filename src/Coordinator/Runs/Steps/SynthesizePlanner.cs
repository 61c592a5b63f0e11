using System.Runtime.CompilerServices;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.Storage.Manifests;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans a corpus: one item a shard, and one for the contact sheet. Samples themselves are never planned: a worker derives them from their index.</summary>
internal sealed class SynthesizePlanner : StepPlanner
{
    private const int ContactSheetRows = 2;

    public override string Kind => "Synthesize";

    public override string Unit => "samples";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SynthesizeStep step = (SynthesizeStep)scope.RecipeStep(scope.Step.Name);
        Checkpoint generator = await scope.CheckpointAsync(step.Generator, cancellationToken);
        RequireSize(step, generator);
        StepOutput? cams = CamsOf(scope, step, generator);
        SynthesisSpec synthesis = await SynthesisAsync(scope, step, cams, cancellationToken);
        ObjectRef? judge = await CorpusMeasuring.JudgeAsync(scope, step, cancellationToken);
        ObjectRef? training = await CorpusMeasuring.TrainingAsync(scope, synthesis.Measures, cancellationToken);
        long samples = synthesis.Counts.Sum();
        scope.Step.Units = samples;
        for (long first = 0; first < samples; first += step.ShardSize)
        {
            int count = (int)Math.Min(step.ShardSize, samples - first);
            yield return new(
                new GenerateShard
                {
                    Order = scope.Order,
                    Sources = cams?.Sources,
                    Generator = generator.ToObjectRef(),
                    Classifier = cams?.Classifier,
                    Judge = judge,
                    Training = training,
                    Synthesis = synthesis,
                    First = first,
                    Count = count,
                },
                count);
        }
        yield return new(
            new RenderContactSheet
            {
                Order = scope.Order,
                Sources = cams?.Sources,
                Generator = generator.ToObjectRef(),
                Classifier = cams?.Classifier,
                Synthesis = synthesis,
                RowsPerCategory = ContactSheetRows,
            },
            0);
    }

    public override bool GoesOn(StepScope scope) => ((SynthesizeStep)scope.RecipeStep(scope.Step.Name)).Quality is { CorpusSamples: > 0 };

    public override async Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken)
    {
        if (last.Kind == nameof(MeasureCorpus)) return [];
        SynthesizeStep step = (SynthesizeStep)scope.RecipeStep(scope.Step.Name);
        ObjectRef? conditioning = CamsOf(scope, step, await scope.CheckpointAsync(step.Generator, cancellationToken))?.Classifier;
        return await CorpusMeasuring.ItemAsync(scope, step, conditioning, cancellationToken) is { } item ? [item] : [];
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        SynthesizeStep step = (SynthesizeStep)scope.RecipeStep(scope.Step.Name);
        Checkpoint generator = await scope.CheckpointAsync(step.Generator, cancellationToken);
        StepOutput? cams = CamsOf(scope, step, generator);
        CorpusTally tally = new(scope.Categories);
        await foreach (ShardGenerated shard in scope.ResultsAsync<ShardGenerated>(nameof(GenerateShard), cancellationToken)) tally.Add(shard);
        CorpusManifest manifest = CorpusSealing.Manifest(scope, step, generator, tally);
        CorpusMeasured? measured = await scope.ResultsAsync<CorpusMeasured>(nameof(MeasureCorpus), cancellationToken).LastOrDefaultAsync(cancellationToken);
        ContactSheetRendered sheet = await scope.ResultsAsync<ContactSheetRendered>(nameof(RenderContactSheet), cancellationToken).LastAsync(cancellationToken);
        return new()
        {
            Manifest = await scope.StoreAsync(manifest.ToCanonicalBytes(), MediaTypes.Json, cancellationToken),
            ContactSheet = sheet.Artifact,
            Classifier = cams?.Classifier,
            Lesions = cams?.Lesions,
            Samples = tally.Counts,
            Rejected = tally.Rejected,
            Quality = measured?.Artifact,
            Figures = measured?.All,
            ForwardSeconds = tally.ForwardSeconds,
            WallSeconds = tally.WallSeconds,
        };
    }

    /// <summary>The output of the step whose CAMs or lesion maps are drawn from: the one named, or the one the generator was trained on; null where the generator is label-conditioned.</summary>
    private static StepOutput? CamsOf(StepScope scope, SynthesizeStep step, Checkpoint generator)
    {
        if (generator.Kind == CheckpointKinds.LabelGenerator) return null;
        string named = step.Cams ?? ((TrainGeneratorStep)scope.RecipeStep(step.Generator)).Cams;
        StepOutput cams = scope.Output(named);
        ConditionSource.RequireSame($"steps.{step.Name}", generator, named, cams);
        return cams;
    }

    private static void RequireSize(SynthesizeStep step, Checkpoint generator)
    {
        if (step.Size is not { } size || size == generator.Size) return;
        throw RefusedException.Invalid($"steps.{step.Name}.size: generator {generator.Name} makes images of {generator.Size} px, the recipe asks for {size} px.");
    }

    private static async Task<SynthesisSpec> SynthesisAsync(StepScope scope, SynthesizeStep step, StepOutput? cams, CancellationToken cancellationToken)
    {
        // A label-conditioned generator knows the categories of the training images, as CAMs do.
        List<PlanSource> sources = cams is null
            ? await scope.Images.Where(image => image.Split == Split.Train).Select(image => new PlanSource(image.Label, image.SubjectNumber)).ToListAsync(cancellationToken)
            : await JsonLines.ReadAsync<CamSource>(scope.Objects, cams.Sources!, cancellationToken).Select(PlanSource.Of).ToListAsync(cancellationToken);
        IReadOnlyList<long> counts = SampleAllocation.Allocate(step, scope.Categories, sources);
        // Made here only to refuse what cannot be drawn before any worker is asked.
        _ = new SamplePlan(sources, counts, step.PerSubject, scope.Seed, scope.Categories);
        return new()
        {
            Seed = scope.Seed,
            Modality = scope.Modality,
            Categories = scope.Categories,
            Counts = counts,
            PerSubject = step.PerSubject,
            Manipulations = cams is null ? [] : step.Manipulations,
            Reject = step.Reject,
            Measures = CorpusMeasuring.MeasuresOf(step, takesCams: cams?.Classifier is not null, scope.Modality),
            BatchSize = step.BatchSize,
            KeepConditions = step.KeepConditions,
            Lesions = cams?.Lesions,
            Precision = step.Precision,
            Recipe = scope.Run.RecipeDigest,
        };
    }
}
