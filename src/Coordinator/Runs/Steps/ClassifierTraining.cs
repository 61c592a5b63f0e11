using System.Runtime.CompilerServices;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Plans the training of a classifier as a chain of segments, or as rounds of replicas' segments; what differs between the three kinds of step is the data and the start.</summary>
internal abstract class ClassifierTraining : StepPlanner
{
    public override string Unit => "steps";

    public override async IAsyncEnumerable<PlannedItem> BeginAsync(StepScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClassifierTrainingStep step = (ClassifierTrainingStep)scope.RecipeStep(scope.Step.Name);
        List<DatasetEntry> entries = await TrainingEntriesAsync(scope, cancellationToken);
        entries.AddRange(await scope.EntriesAsync(Split.Validation, cancellationToken));
        ClassifierTrainingSpec training = await SpecAsync(scope, cancellationToken);
        scope.Step.Units = TotalSteps(step);
        ObjectRef dataset = await scope.StoreLinesAsync(entries, cancellationToken);
        ObjectRef? initial = await InitialAsync(scope, cancellationToken);
        if (step.Rounds is { } rounds)
        {
            foreach (PlannedItem segment in TrainingRoundsPlan.Begin(scope.Order, rounds, training, dataset, initial)) yield return segment;
            yield break;
        }
        yield return new(
            new TrainClassifierSegment { Order = scope.Order, Dataset = dataset, Training = training, Initial = initial, Steps = step.SegmentSteps },
            Math.Min(step.SegmentSteps, scope.Step.Units));
    }

    public override bool GoesOn(StepScope scope) => true;

    public override Task<IReadOnlyList<PlannedItem>> NextAsync(StepScope scope, WorkItem last, CancellationToken cancellationToken) =>
        RoundsOf(scope) is null ? Chain(Next(scope, last)) : TrainingRoundsPlan.NextAsync(scope, last, cancellationToken);

    private static PlannedItem? Next(StepScope scope, WorkItem last)
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
        string kind = RoundsOf(scope) is null ? nameof(TrainClassifierSegment) : nameof(AverageCheckpoints);
        SegmentTrained last = await scope.ResultsAsync<SegmentTrained>(kind, cancellationToken).LastAsync(cancellationToken);
        return new() { Checkpoint = last.Artifact, Curve = last.Curve };
    }

    /// <summary>Optimization steps of the whole training, at most.</summary>
    public static int TotalSteps(ClassifierTrainingStep step) => TotalSteps(step.Epochs, step.DrawsPerEpoch, step.BatchSize);

    /// <summary>Optimization steps of the whole training, at most.</summary>
    public static int TotalSteps(ClassifierTrainingSpec training) => TotalSteps(training.Epochs, training.DrawsPerEpoch, training.BatchSize);

    private static int TotalSteps(int epochs, int drawsPerEpoch, int batchSize) => checked(epochs * ((drawsPerEpoch + batchSize - 1) / batchSize));

    protected virtual Task<List<DatasetEntry>> TrainingEntriesAsync(StepScope scope, CancellationToken cancellationToken) =>
        scope.EntriesAsync(Split.Train, cancellationToken);

    protected virtual Task<ObjectRef?> InitialAsync(StepScope scope, CancellationToken cancellationToken) => Task.FromResult<ObjectRef?>(null);

    protected virtual Task<ClassifierTrainingSpec> SpecAsync(StepScope scope, CancellationToken cancellationToken)
    {
        NewClassifierStep step = (NewClassifierStep)scope.RecipeStep(scope.Step.Name);
        return Task.FromResult(Spec(scope, step, new(step.Architecture, step.Width, step.OutputStride, scope.Sees == StepModality.Both), step.Size, 1e-3));
    }

    protected static ClassifierTrainingSpec Spec(StepScope scope, ClassifierTrainingStep step, CheckpointShape shape, int size, double learningRate) => new()
    {
        Architecture = shape.Name,
        Width = shape.Width,
        OutputStride = shape.OutputStride,
        Pairing = shape.TwoStream ? PairingOf(step) : null,
        Size = size,
        Categories = scope.Categories,
        Epochs = step.Epochs,
        DrawsPerEpoch = step.DrawsPerEpoch,
        BatchSize = step.BatchSize,
        LearningRate = step.LearningRate ?? learningRate,
        Augmentation = step.Augmentation,
        Seed = scope.Seed,
    };

    protected static TrainingRounds? RoundsOf(StepScope scope) => ((ClassifierTrainingStep)scope.RecipeStep(scope.Step.Name)).Rounds;

    private static Pairing PairingOf(ClassifierTrainingStep step) => step switch
    {
        TrainClassifierStep { Pairing: { } pairing } => pairing,
        FineTuneStep { Pairing: { } pairing } => pairing,
        _ => Pairing.Loose,
    };
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
        if (step.OctCorpus is not { } oct) return await CorpusAsync(scope, step.Corpus, null, cancellationToken);
        return [.. await CorpusAsync(scope, step.Corpus, Modality.Cfp, cancellationToken), .. await CorpusAsync(scope, oct, Modality.Oct, cancellationToken)];
    }

    // Of a corpus without normals, the real ones join it where its step says so.
    private static async Task<List<DatasetEntry>> CorpusAsync(StepScope scope, string name, Modality? modality, CancellationToken cancellationToken)
    {
        List<DatasetEntry> entries = [];
        long[] counts = new long[scope.Categories.Count];
        StepScope corpus = new(scope.Database, scope.Objects, scope.Run, scope.Run.Steps.Single(candidate => candidate.Name == name));
        await foreach (ShardGenerated shard in corpus.ResultsAsync<ShardGenerated>(nameof(GenerateShard), cancellationToken))
        {
            int samples = shard.Counts.Sum();
            for (int label = 0; label < counts.Length; label++) counts[label] += shard.Counts[label];
            if (samples > 0) entries.Add(new() { Object = shard.Artifact, Split = Split.Train, Samples = samples, Modality = modality });
        }
        if (((SynthesizeStep)scope.RecipeStep(name)).Background == "real")
        {
            foreach (DatasetEntry real in await corpus.EntriesAsync(Split.Train, cancellationToken, scope.Categories.Background))
            {
                entries.Add(real with { Modality = modality });
                counts[scope.Categories.Background]++;
            }
        }
        for (int label = 0; RoundsOf(scope) is { } rounds && label < counts.Length; label++)
        {
            // What the corpus has none of is in nobody's part.
            if (counts[label] > 0) ReplicaChecks.Require(scope.Step.Name, rounds, counts[label], $"images of {scope.Categories.Names[label]} in corpus {name}");
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
        return Spec(scope, step, shape, from.Size, 1e-4);
    }

    private static Task<Checkpoint> FromAsync(StepScope scope, CancellationToken cancellationToken) =>
        scope.CheckpointAsync(((FineTuneStep)scope.RecipeStep(scope.Step.Name)).From, cancellationToken);
}
