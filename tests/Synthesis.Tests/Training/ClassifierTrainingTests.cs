using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Training;

public sealed class ClassifierTrainingTests
{
    private static readonly ImageSet Train = DrawnSets.Images(12, 3, 40, 1);
    private static readonly ImageSet Validation = DrawnSets.Images(9, 3, 40, 100);

    private static readonly ClassifierTrainingOptions Options = new()
    {
        Architecture = new ClassifierArchitecture { Categories = 3, Width = 4, Size = 32, OutputStride = 8 },
        CategoryNames = ["Red", "Green", "Blue"],
        Epochs = 4,
        DrawsPerEpoch = 12,
        BatchSize = 4,
        LearningRate = 0.02,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void CutIntoSegments_GivesTheBytesOfTheStraightRun(int cut)
    {
        using var straight = ClassifierTraining.Start(Options, Train, Validation);
        straight.Run(8);
        byte[] saved;
        using (var first = ClassifierTraining.Start(Options, Train, Validation))
        {
            first.Run(cut);
            saved = first.Save();
        }

        using var second = ClassifierTraining.Resume(saved, Train, Validation);
        second.Save().ShouldBe(saved);
        second.Run(8 - cut);
        second.Save().ShouldBe(straight.Save());
        second.Export().ShouldBe(straight.Export());
    }

    [Fact]
    public void CacheBudget_DoesNotChangeTheResult()
    {
        using var cached = ClassifierTraining.Start(Options, Train, null);
        using var uncached = ClassifierTraining.Start(Options with { CacheBytes = 0 }, Train, null);
        cached.Run(3);
        uncached.Run(3);
        cached.Export().ShouldBe(uncached.Export());
    }

    [Fact]
    public void Training_LearnsAndItsExportPredicts()
    {
        var options = Options with { Augmentation = Augmentation.Light, Epochs = 10, DrawsPerEpoch = 48, BatchSize = 8, Architecture = Options.Architecture with { Width = 8 } };
        using var training = ClassifierTraining.Start(options, DrawnSets.Images(30, 3, 40, 1), Validation);
        var steps = new List<TrainingProgress>();
        training.Run(progress: steps.Add);
        training.Finished.ShouldBeTrue();
        steps.Count.ShouldBe(training.TotalSteps);
        training.History.Count.ShouldBe(10);
        training.History[^1].Losses["crossEntropy"].ShouldBeLessThan(training.History[0].Losses["crossEntropy"]);
        training.BestValidation!.MacroSenSpeF1!.Value.ShouldBeGreaterThan(0.8);

        using var checkpoint = ClassifierCheckpoint.Load(training.Export(new Dictionary<string, string> { ["note"] = "x" }));
        checkpoint.CategoryNames.ShouldBe(options.CategoryNames);
        checkpoint.Annotations["note"].ShouldBe("x");
        checkpoint.Validation.ShouldBe(training.BestValidation);
        var metrics = ClassificationMetrics.From([.. Enumerable.Range(0, 9).Select(Validation.Label)], Prediction.Predict(checkpoint.Network, Validation));
        metrics.MacroSenSpeF1.ShouldBe(training.BestValidation.MacroSenSpeF1);
    }

    [Fact]
    public void RecomputedStatistics_ChangeNoWeight()
    {
        using var without = ClassifierTraining.Start(Options with { StatisticsBatches = 0 }, Train, null);
        using var with = ClassifierTraining.Start(Options with { StatisticsBatches = 20 }, Train, null);
        without.Run(6);
        with.Run(6);
        using var plain = ClassifierCheckpoint.Load(without.Export());
        using var recomputed = ClassifierCheckpoint.Load(with.Export());
        var expected = plain.Network.state_dict();
        foreach (var (key, tensor) in recomputed.Network.state_dict().Where(t => !t.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
            tensor.data<float>().ToArray().SequenceEqual(expected[key].data<float>().ToArray()).ShouldBe(!key.Contains("running_", StringComparison.Ordinal), key);
    }

    [Fact]
    public void Steps_LeaveNoTensorBehind()
    {
        using var training = ClassifierTraining.Start(Options with { Epochs = 40 }, Train, Validation);
        training.Run(6);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        training.Run(60);
        training.Save();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void DisposedTraining_LeavesNoTensorBehind()
    {
        void Once()
        {
            using var training = ClassifierTraining.Start(Options, Train, Validation);
            training.Run(4);
            using var resumed = ClassifierTraining.Resume(training.Save(), Train, Validation);
            resumed.Run(1);
        }

        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Once();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void HugeLearningRate_IsReportedAsDivergence()
    {
        using var training = ClassifierTraining.Start(Options with { LearningRate = 1e30 }, Train, null);
        Should.Throw<TrainingDivergedException>(() => training.Run()).Message.ShouldContain("crossEntropy");
    }

    [Fact]
    public void CanceledTraining_CanBeSavedAndGoesOn()
    {
        using var cancellation = new CancellationTokenSource();
        using var training = ClassifierTraining.Start(Options, Train, null);
        Should.Throw<OperationCanceledException>(() => training.Run(progress: p => { if (p.Step == 2) cancellation.Cancel(); }, cancellation: cancellation.Token));
        training.Step.ShouldBe(2);
        using var resumed = ClassifierTraining.Resume(training.Save(), Train, null);
        resumed.Run(1);
        resumed.Step.ShouldBe(3);
    }

    [Fact]
    public void FineTuning_StartsFromTheGivenWeights()
    {
        using var first = ClassifierTraining.Start(Options, Train, null);
        first.Run(3);
        using var checkpoint = ClassifierCheckpoint.Load(first.Export());
        var options = Options with { LearningRate = ClassifierTrainingOptions.FineTuningRate };
        using var tuned = ClassifierTraining.Start(options, Train, null, checkpoint.Network.state_dict());
        tuned.Export().ShouldBe(first.Export());
    }

    [Fact]
    public void WrongCheckpoints_AreRefused()
    {
        using var training = ClassifierTraining.Start(Options, Train, null);
        var saved = training.Save();
        Should.Throw<CheckpointException>(() => ClassifierTraining.Resume(saved, DrawnSets.Images(3, 3, 40, 1), null)).Message.ShouldContain("now there are 3");
        Should.Throw<CheckpointException>(() => ClassifierCheckpoint.Load(saved)).Message.ShouldContain("classifier-training");
        Should.Throw<CheckpointException>(() => GeneratorCheckpoint.Load(training.Export()));
        Should.Throw<ArgumentException>(() => ClassifierTraining.Start(Options, DrawnSets.Images(8, 4, 40, 1), null)).Message.ShouldContain("label 3");
    }
}
