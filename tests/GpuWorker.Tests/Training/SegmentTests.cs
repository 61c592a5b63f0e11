using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Tests.Training;

[Collection(typeof(TinyCorpusCollection))]
public sealed class SegmentTests(TinyCorpus corpus)
{
    internal static readonly ClassifierTrainingSpec Spec = new()
    {
        Architecture = "resnet18",
        Width = 8,
        OutputStride = 8,
        Size = TinyCorpus.Size,
        Categories = TinyCorpus.Categories,
        Epochs = 2,
        DrawsPerEpoch = 8,
        BatchSize = 4,
        LearningRate = 0.01,
        Augmentation = "light",
        Seed = 21,
    };

    [Fact]
    public async Task ClassifierInTwoSegments_IsTheClassifierInOne()
    {
        TrainClassifierSegment whole = new() { Order = corpus.Worker.Order(), Dataset = await MixedDatasetAsync(), Training = Spec, Steps = 100 };

        SegmentTrained once = await corpus.Worker.DoAsync<SegmentTrained>(whole);
        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 3 });
        SegmentTrained second = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 3, Resume = first.Artifact });

        (once.Finished, once.StepsDone).ShouldBe((true, 4));
        (first.Finished, first.StepsDone).ShouldBe((false, 3));
        (second.Finished, second.StepsDone).ShouldBe((true, 4));
        second.Artifact.ShouldBe(once.Artifact);
        second.Curve.ShouldBe(once.Curve);
        TrainingCurve curve = await ReadAsync<TrainingCurve>(once.Curve);
        curve.Series["crossEntropy"].Select(point => point.Step).ShouldBe([2, 4]);
        curve.Series.Keys.ShouldContain("validationSenSpeF1");
    }

    [Fact]
    public async Task FineTuning_StartsFromTheClassifierGiven()
    {
        TrainClassifierSegment command = new()
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train)),
            Training = Spec with { Epochs = 1, DrawsPerEpoch = 4, LearningRate = 1e-9 },
            Initial = corpus.Classifier,
            Steps = 10,
        };

        SegmentTrained tuned = await corpus.Worker.DoAsync<SegmentTrained>(command);

        float[] before = await FinalWeightAsync(corpus.Classifier), after = await FinalWeightAsync(tuned.Artifact);
        before.Zip(after, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-6f);
    }

    [Fact]
    public async Task DatasetWithoutTrainingImages_IsRefusedForGood()
    {
        ObjectRef dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Validation));

        AttemptFailed failed = (await corpus.Worker.InviteAsync(new TrainClassifierSegment { Order = corpus.Worker.Order(), Dataset = dataset, Training = Spec, Steps = 10 }))
            .ShouldBeOfType<AttemptFailed>();

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("no Train images");
    }

    [Fact]
    public async Task TrainedGenerator_MakesShards_AndKnowsItsClassifier()
    {
        TrainGeneratorSegment whole = new()
        {
            Order = corpus.Worker.Order(),
            Sources = corpus.SourceList,
            Classifier = corpus.Classifier,
            Categories = TinyCorpus.Categories,
            Preset = "tiny64",
            TotalSteps = 3,
            Seed = 31,
            Steps = 100,
        };

        SegmentTrained once = await corpus.Worker.DoAsync<SegmentTrained>(whole);
        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 2 });
        SegmentTrained second = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 2, Resume = first.Artifact });
        ShardGenerated shard = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard() with { Generator = once.Artifact });

        (first.Finished, second.Finished).ShouldBe((false, true));
        second.Artifact.ShouldBe(once.Artifact);
        shard.Counts.Sum().ShouldBe(10);
    }

    [Fact]
    public async Task Stage2_GoesOnFromStage1_WithPreviewsAndDistances_HoweverCut()
    {
        TrainGeneratorSegment stage1 = GeneratorSegment("tiny64", 1);
        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(stage1);
        ObjectRef vgg = await corpus.PutAsync(await corpus.OnDeviceAsync(SmallVgg), MediaTypes.SafeTensors);
        // An epoch is a step: 20 stand still.
        TrainGeneratorSegment stage2 = GeneratorSegment("local128", 22) with { Stage1 = first.Artifact, Perceptual = vgg, PreviewSteps = 20 };

        SegmentTrained once = await corpus.Worker.DoAsync<SegmentTrained>(stage2);
        SegmentTrained half = await corpus.Worker.DoAsync<SegmentTrained>(stage2 with { Order = corpus.Worker.Order(), Steps = 20 });
        SegmentTrained rest = await corpus.Worker.DoAsync<SegmentTrained>(stage2 with { Order = corpus.Worker.Order(), Steps = 20, Resume = half.Artifact });

        (half.StepsDone, rest.StepsDone, rest.Finished).ShouldBe((20, 22, true));
        rest.Artifact.ShouldBe(once.Artifact);
        rest.Curve.ShouldBe(once.Curve);
        once.Previews!.Select(preview => preview.Step).ShouldBe([20]);
        half.Previews!.Single().Grid.ShouldBe(once.Previews!.Single().Grid);
        rest.Previews!.ShouldBeEmpty();
        TrainingCurve curve = await ReadAsync<TrainingCurve>(once.Curve);
        curve.Series["fid"].Select(point => point.Step).ShouldBe([20]);
        curve.Series.Keys.ShouldContain("kid");
        curve.Series["perceptual"].ShouldAllBe(point => point.Value > 0);
        byte[] stored = await corpus.Worker.Objects.ReadAsync(once.Artifact, CancellationToken.None);
        (string stage1Of, string perceptualOf) = await corpus.OnDeviceAsync(() =>
        {
            using GeneratorCheckpoint checkpoint = GeneratorCheckpoint.Load(stored);
            return (checkpoint.Annotations["stage1"], checkpoint.Annotations["perceptual"]);
        });
        (stage1Of, perceptualOf).ShouldBe((first.Artifact.Digest.Hex, vgg.Digest.Hex));
    }

    [Fact]
    public async Task Stage2OnAnotherClassifier_IsRefusedForGood()
    {
        SegmentTrained stage1 = await corpus.Worker.DoAsync<SegmentTrained>(GeneratorSegment("tiny64", 1));
        ObjectRef other = await corpus.PutAsync(await corpus.OnDeviceAsync(() => TinyCorpus.UntrainedClassifier(seed: 8)), MediaTypes.SafeTensors);

        AttemptFailed failed = (await corpus.Worker.InviteAsync(GeneratorSegment("local128", 2) with { Stage1 = stage1.Artifact, Classifier = other })).ShouldBeOfType<AttemptFailed>();

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("stage 1 was trained on CAMs of classifier");
    }

    [Fact]
    public async Task Bfloat16_IsAnotherCorpus_AndReproducible()
    {
        ShardGenerated full = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());
        ShardGenerated half = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard(spec => spec with { Precision = "bfloat16" }));
        ShardGenerated again = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard(spec => spec with { Precision = "bfloat16" }));
        ShardGenerated fullAgain = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());

        half.Artifact.ShouldBe(again.Artifact);
        half.Artifact.ShouldNotBe(full.Artifact);
        fullAgain.Artifact.ShouldBe(full.Artifact);
    }

    [Fact]
    public async Task GeneratorOnCamsOfAnotherClassifier_IsRefusedForGood()
    {
        ObjectRef other = await corpus.PutAsync(await corpus.OnDeviceAsync(() => TinyCorpus.UntrainedClassifier(seed: 8)), MediaTypes.SafeTensors);
        TrainGeneratorSegment command = new()
        {
            Order = corpus.Worker.Order(),
            Sources = corpus.SourceList,
            Classifier = other,
            Categories = TinyCorpus.Categories,
            Preset = "tiny64",
            TotalSteps = 3,
            Seed = 31,
            Steps = 100,
        };

        AttemptFailed failed = (await corpus.Worker.InviteAsync(command)).ShouldBeOfType<AttemptFailed>();

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("holds CAMs of classifier");
    }

    /// <summary>A synthetic shard and real images to learn from, real ones to validate on.</summary>
    private async Task<ObjectRef> MixedDatasetAsync()
    {
        ShardGenerated shard = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());
        DatasetEntry synthetic = new() { Object = shard.Artifact, Split = Split.Train, Samples = shard.Counts.Sum() };
        return await corpus.PutLinesAsync(corpus.Entries(Split.Train).Where(entry => entry.Label == 0).Prepend(synthetic).Concat(corpus.Entries(Split.Validation)));
    }

    private TrainGeneratorSegment GeneratorSegment(string preset, int steps) => new()
    {
        Order = corpus.Worker.Order(),
        Sources = corpus.SourceList,
        Classifier = corpus.Classifier,
        Categories = TinyCorpus.Categories,
        Preset = preset,
        TotalSteps = steps,
        Seed = 31,
        Steps = 100,
    };

    private static byte[] SmallVgg()
    {
        using Vgg19Features vgg = new(2);
        using MemoryStream stream = new();
        SafeTensors.Write(stream, Weights.Of(vgg));
        return stream.ToArray();
    }

    private async Task<T> ReadAsync<T>(ObjectRef document) =>
        JsonSerializer.Deserialize<T>(await corpus.Worker.Objects.ReadAsync(document, CancellationToken.None), ContractJson.Options)!;

    private async Task<float[]> FinalWeightAsync(ObjectRef classifier)
    {
        byte[] bytes = await corpus.Worker.Objects.ReadAsync(classifier, CancellationToken.None);
        return await corpus.OnDeviceAsync(() =>
        {
            using ClassifierCheckpoint checkpoint = ClassifierCheckpoint.Load(bytes);
            return checkpoint.Network.Classifier.Weight.data<float>().ToArray();
        });
    }
}
