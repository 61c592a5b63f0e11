using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;

namespace Factory.GpuWorker.Tests.Training;

[Collection(typeof(TinyCorpusCollection))]
public sealed class SegmentTests(TinyCorpus corpus)
{
    private static readonly ClassifierTrainingSpec Spec = new()
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

    [Fact]
    public async Task Evaluation_ScoresEveryModelOnTheSplit()
    {
        EvaluateModels command = new()
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train, Split.Test)),
            Split = Split.Test,
            Categories = TinyCorpus.Categories,
            Models = [new() { Name = "one", Checkpoint = corpus.Classifier }, new() { Name = "two", Checkpoint = corpus.Classifier }],
            Seed = 1,
        };

        ModelsEvaluated result = await corpus.Worker.DoAsync<ModelsEvaluated>(command);
        EvaluationReport report = await ReadAsync<EvaluationReport>(result.Artifact);

        report.Images.ShouldBe(corpus.Images.Count);
        report.Models.Select(model => model.Name).ShouldBe(["one", "two"]);
        report.Models.ShouldAllBe(model => model.Confusion.Sum(row => row.Sum()) == corpus.Images.Count);
        report.Models[0].Accuracy.ShouldBe(report.Models[1].Accuracy);
        report.Models[0].SenSpeF1Interval!.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Predictions_AreKeptUnderTheSourcesOfTheImages()
    {
        DatasetEntry[] entries = [.. corpus.Entries(Split.Test).Select((entry, index) => entry with { Source = Sha256Digest.Of([(byte)index]) })];
        EvaluateModels command = new()
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(entries),
            Split = Split.Test,
            Categories = TinyCorpus.Categories,
            Models = [new() { Name = "one", Checkpoint = corpus.Classifier }],
            Seed = 1,
        };

        ModelsEvaluated result = await corpus.Worker.DoAsync<ModelsEvaluated>(command);
        ModelsEvaluated without = await corpus.Worker.DoAsync<ModelsEvaluated>(command with { Order = corpus.Worker.Order(), Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Test)) });

        List<ModelPrediction> predictions = await JsonLines.ReadAsync<ModelPrediction>(corpus.Worker.Objects, result.Predictions!, CancellationToken.None).ToListAsync();
        predictions.Select(prediction => prediction.Images.Single()).ShouldBe(entries.Select(entry => entry.Source!.Value));
        predictions.Select(prediction => prediction.Label).ShouldBe(entries.Select(entry => entry.Label!.Value));
        predictions.ShouldAllBe(prediction => Math.Abs(prediction.Probabilities.Sum() - 1) < 1e-5);
        EvaluationReport report = await ReadAsync<EvaluationReport>(result.Artifact);
        predictions.Average(prediction => prediction.Probabilities[prediction.Label] == prediction.Probabilities.Max() ? 1.0 : 0).ShouldBe(report.Models[0].Accuracy, 1e-9);
        without.Predictions.ShouldBeNull("a dataset that names no source files leaves nothing to keep them under");
    }

    [Fact]
    public async Task TwoStreams_TrainInSegmentsOnPairs_AndAreJudgedByThem_WithASheetOfWhatEachLookedAt()
    {
        // The drawn eyes' own CFP serve as their OCT: what is tested is what goes where.
        IEnumerable<DatasetEntry> Pairs(Split split) => corpus.Entries(split)
            .SelectMany((entry, eye) => new[] { Modality.Cfp, Modality.Oct }.Select(modality => entry with { Modality = modality, Eye = eye, Source = Sha256Digest.Of([(byte)eye, (byte)modality]) }));
        ObjectRef dataset = await corpus.PutLinesAsync(Pairs(Split.Train).Concat(Pairs(Split.Validation)));
        TrainClassifierSegment command = new()
        {
            Order = corpus.Worker.Order(),
            Dataset = dataset,
            Training = new()
            {
                Architecture = "resnet18", Width = 8, OutputStride = 8, Size = TinyCorpus.Size, Categories = TinyCorpus.Categories, Epochs = 2, DrawsPerEpoch = 8, BatchSize = 4,
                LearningRate = 1e-3, Augmentation = "light", Pairing = Pairing.Loose, Seed = 2,
            },
            Steps = 3,
        };

        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(command);
        SegmentTrained second = await corpus.Worker.DoAsync<SegmentTrained>(command with { Order = corpus.Worker.Order(), Resume = first.Artifact });
        SegmentTrained whole = await corpus.Worker.DoAsync<SegmentTrained>(command with { Order = corpus.Worker.Order(), Steps = 100 });
        ModelsEvaluated result = await corpus.Worker.DoAsync<ModelsEvaluated>(new EvaluateModels
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(Pairs(Split.Test)),
            Split = Split.Test,
            Paired = true,
            Categories = TinyCorpus.Categories,
            Models = [new() { Name = "both", Checkpoint = whole.Artifact }, new() { Name = "oct", Checkpoint = corpus.Classifier, Modality = Modality.Oct }],
            Seed = 1,
        });

        (first.Finished, second.Finished).ShouldBe((false, true));
        second.Artifact.ShouldBe(whole.Artifact);
        EvaluationReport report = await ReadAsync<EvaluationReport>(result.Artifact);
        (report.Paired, report.Images).ShouldBe((true, corpus.Images.Count));
        List<ModelPrediction> predictions = await JsonLines.ReadAsync<ModelPrediction>(corpus.Worker.Objects, result.Predictions!, CancellationToken.None).ToListAsync();
        predictions.Count.ShouldBe(2 * corpus.Images.Count);
        predictions[0].Images.ShouldBe([Sha256Digest.Of([0, 0]), Sha256Digest.Of([0, 1])]);
        RgbImage sheet = ImageDecoder.Decode(await corpus.Worker.Objects.ReadAsync(result.ContactSheet!, CancellationToken.None));
        sheet.Width.ShouldBeGreaterThan(4 * 224, "two images, and one more of each for the classifier of two streams");
        AttemptFailed failed = (await corpus.Worker.InviteAsync(command with { Order = corpus.Worker.Order(), Dataset = await corpus.PutLinesAsync(Pairs(Split.Train).Where(entry => entry.Modality == Modality.Cfp)) })).ShouldBeOfType<AttemptFailed>();
        (failed.Permanent, failed.Error).ShouldBe((true, "the dataset has no Train images; check the collection's splits."));
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
