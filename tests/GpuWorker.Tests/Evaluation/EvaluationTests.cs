using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Tests.Evaluation;

[Collection(typeof(TinyCorpusCollection))]
public sealed class EvaluationTests(TinyCorpus corpus)
{
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
    public async Task TrialsOfAModel_AreOneRow_ComparedWithTheBaseline()
    {
        SegmentTrained other = await corpus.Worker.DoAsync<SegmentTrained>(new TrainClassifierSegment
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train, Split.Validation)),
            Training = new()
            {
                Architecture = "resnet18",
                Width = 8,
                OutputStride = 8,
                Size = TinyCorpus.Size,
                Categories = TinyCorpus.Categories,
                Epochs = 1,
                DrawsPerEpoch = 16,
                BatchSize = 8,
                LearningRate = 1e-2,
                Augmentation = "light",
                Seed = 9,
            },
            Steps = 100,
        });
        EvaluateModels command = new()
        {
            Order = corpus.Worker.Order(),
            Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Test).Select((entry, index) => entry with { Source = Sha256Digest.Of([(byte)index]), Subject = index / 2 })),
            Split = Split.Test,
            Categories = TinyCorpus.Categories,
            Models = [new() { Name = "one", Checkpoint = corpus.Classifier }, new() { Name = "two", Checkpoint = corpus.Classifier }, new() { Name = "two", Trial = 2, Checkpoint = other.Artifact }],
            Baseline = "two",
            Seed = 1,
        };

        ModelsEvaluated result = await corpus.Worker.DoAsync<ModelsEvaluated>(command);
        EvaluationReport report = await ReadAsync<EvaluationReport>(result.Artifact);

        (report.Models.Count, report.Images, report.Subjects).ShouldBe((2, corpus.Images.Count, (corpus.Images.Count + 1) / 2));
        (report.Models[0].Trials, report.Models[0].Deviation).ShouldBe((null, null));
        ModelScores two = report.Models[1];
        two.Trials!.Select(trial => (trial.Trial, trial.Checkpoint)).ShouldBe([(1, corpus.Classifier.Digest), (2, other.Artifact.Digest)]);
        two.Accuracy.ShouldBe(two.Trials!.Average(trial => trial.Accuracy), 1e-12);
        two.Confusion.Sum(row => row.Sum()).ShouldBe(2 * corpus.Images.Count);
        ModelComparison comparison = report.Comparisons!.ShouldHaveSingleItem();
        (comparison.Model, comparison.Baseline).ShouldBe(("one", "two"));
        comparison.Accuracy!.Difference.ShouldBe(report.Models[0].Accuracy - two.Accuracy, 1e-12);
        List<ModelPrediction> predictions = await JsonLines.ReadAsync<ModelPrediction>(corpus.Worker.Objects, result.Predictions!, CancellationToken.None).ToListAsync();
        predictions.Select(prediction => (prediction.Model, prediction.Trial)).Distinct().ShouldBe([("one", null), ("two", 1), ("two", 2)]);
        AttemptFailed failed = (await corpus.Worker.InviteAsync(command with { Order = corpus.Worker.Order(), Baseline = "three" })).ShouldBeOfType<AttemptFailed>();
        (failed.Permanent, failed.Error).ShouldBe((true, "the baseline 'three' is none of the models asked for: one, two."));
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
                Architecture = "resnet18",
                Width = 8,
                OutputStride = 8,
                Size = TinyCorpus.Size,
                Categories = TinyCorpus.Categories,
                Epochs = 2,
                DrawsPerEpoch = 8,
                BatchSize = 4,
                LearningRate = 1e-3,
                Augmentation = "light",
                Pairing = Pairing.Loose,
                Seed = 2,
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

    private async Task<T> ReadAsync<T>(ObjectRef document) =>
        JsonSerializer.Deserialize<T>(await corpus.Worker.Objects.ReadAsync(document, CancellationToken.None), ContractJson.Options)!;
}
