using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the training of a classifier as a chain of segments; what differs between the three kinds of step is the data and the start.</summary>
internal abstract class ClassifierTraining : StepPlanner
{
    public override string Unit => "steps";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClassifierTrainingStep step = (ClassifierTrainingStep)scope.RecipeStep(scope.Step.Name);
        List<DatasetEntry> entries = await TrainingEntriesAsync(scope, cancellationToken);
        entries.AddRange(await ImagesAsync(scope, Split.Validation, cancellationToken));
        ClassifierTrainingSpec training = await SpecAsync(scope, cancellationToken);
        scope.Step.Units = TotalSteps(step);
        yield return new(
            new TrainClassifierSegment
            {
                Order = scope.Order,
                Dataset = await scope.StoreLinesAsync(entries, cancellationToken),
                Training = training,
                Initial = await InitialAsync(scope, cancellationToken),
                Steps = step.SegmentSteps,
            },
            Math.Min(step.SegmentSteps, scope.Step.Units));
    }

    public override PlannedItem? Next(StepScope scope, WorkItem last)
    {
        SegmentTrained result = JsonSerializer.Deserialize<SegmentTrained>(last.Result!, ContractJson.Options)!;
        if (result.Finished) return null;
        TrainClassifierSegment segment = (TrainClassifierSegment)WorkCommands.Restore(last);
        return new(
            segment with { Order = scope.Order, Resume = result.Artifact },
            Math.Min(segment.Steps, Math.Max(0, scope.Step.Units - result.StepsDone)));
    }

    public override async Task<StepOutput> SealAsync(StepScope scope, CancellationToken cancellationToken)
    {
        SegmentTrained last = await scope.ResultsAsync<SegmentTrained>(nameof(TrainClassifierSegment), cancellationToken).LastAsync(cancellationToken);
        return new() { Checkpoint = last.Artifact, Curve = last.Curve };
    }

    /// <summary>Optimization steps of the whole training, at most.</summary>
    public static int TotalSteps(ClassifierTrainingStep step) =>
        checked(step.Epochs * ((step.DrawsPerEpoch + step.BatchSize - 1) / step.BatchSize));

    protected virtual Task<List<DatasetEntry>> TrainingEntriesAsync(StepScope scope, CancellationToken cancellationToken) =>
        ImagesAsync(scope, Split.Train, cancellationToken);

    protected virtual Task<ObjectRef?> InitialAsync(StepScope scope, CancellationToken cancellationToken) => Task.FromResult<ObjectRef?>(null);

    protected virtual Task<ClassifierTrainingSpec> SpecAsync(StepScope scope, CancellationToken cancellationToken)
    {
        NewClassifierStep step = (NewClassifierStep)scope.RecipeStep(scope.Step.Name);
        return Task.FromResult(Spec(scope, step, step.Architecture, step.Width, step.OutputStride, step.Size, 1e-3));
    }

    protected static ClassifierTrainingSpec Spec(
        StepScope scope, ClassifierTrainingStep step, string architecture, int width, int outputStride, int size, double learningRate) => new()
        {
            Architecture = architecture,
            Width = width,
            OutputStride = outputStride,
            Size = size,
            Categories = scope.Categories,
            Epochs = step.Epochs,
            DrawsPerEpoch = step.DrawsPerEpoch,
            BatchSize = step.BatchSize,
            LearningRate = step.LearningRate ?? learningRate,
            Augmentation = step.Augmentation,
            Seed = scope.Seed,
        };

    protected static async Task<List<DatasetEntry>> ImagesAsync(StepScope scope, Split split, CancellationToken cancellationToken, int? label = null)
    {
        List<CollectionImage> images = await scope.Images
            .Where(image => image.Split == split && (label == null || image.Label == label)).ToListAsync(cancellationToken);
        return images.ConvertAll(image => new DatasetEntry { Object = image.ToObjectRef(), Split = split, Label = image.Label });
    }
}

/// <summary>Plans training on the collection's own images.</summary>
internal sealed class TrainClassifierPlanner : ClassifierTraining
{
    public override string Kind => "TrainClassifier";
}

/// <summary>Plans training on a synthetic corpus, with the background category's real images where the corpus says so.</summary>
internal sealed class PretrainPlanner : ClassifierTraining
{
    public override string Kind => "Pretrain";

    protected override async Task<List<DatasetEntry>> TrainingEntriesAsync(StepScope scope, CancellationToken cancellationToken)
    {
        PretrainStep step = (PretrainStep)scope.RecipeStep(scope.Step.Name);
        RunStep corpus = scope.Run.Steps.Single(candidate => candidate.Name == step.Corpus);
        List<DatasetEntry> entries = [];
        StepScope corpusScope = new(scope.Database, scope.Objects, scope.Run, corpus);
        await foreach (ShardGenerated shard in corpusScope.ResultsAsync<ShardGenerated>(nameof(GenerateShard), cancellationToken))
        {
            int samples = shard.Counts.Sum();
            if (samples > 0) entries.Add(new() { Object = shard.Artifact, Split = Split.Train, Samples = samples });
        }
        if (((SynthesizeStep)scope.RecipeStep(step.Corpus)).Background == "real")
        {
            entries.AddRange(await ImagesAsync(scope, Split.Train, cancellationToken, scope.Categories.Background));
        }
        return entries;
    }
}

/// <summary>Plans further training of a classifier on the collection's own images.</summary>
internal sealed class FineTunePlanner : ClassifierTraining
{
    public override string Kind => "FineTune";

    protected override async Task<ObjectRef?> InitialAsync(StepScope scope, CancellationToken cancellationToken) =>
        (await FromAsync(scope, cancellationToken)).ToObjectRef();

    protected override async Task<ClassifierTrainingSpec> SpecAsync(StepScope scope, CancellationToken cancellationToken)
    {
        Checkpoint from = await FromAsync(scope, cancellationToken);
        CheckpointShape shape = CheckpointShape.Parse(from.Architecture);
        FineTuneStep step = (FineTuneStep)scope.RecipeStep(scope.Step.Name);
        return Spec(scope, step, shape.Name, shape.Width, shape.OutputStride, from.Size, 1e-4);
    }

    private static Task<Checkpoint> FromAsync(StepScope scope, CancellationToken cancellationToken) =>
        scope.CheckpointAsync(((FineTuneStep)scope.RecipeStep(scope.Step.Name)).From, cancellationToken);
}
