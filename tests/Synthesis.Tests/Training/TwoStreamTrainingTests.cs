using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Training;

public sealed class TwoStreamTrainingTests
{
    private static readonly ImageSet Cfp = DrawnSets.Images(12, 3, 40, 1), Oct = DrawnSets.Images(9, 3, 40, 50);
    private static readonly PairSet Loose = PairSet.Loose(Cfp, Oct), Strict = PairSet.Strict(Cfp, Oct, i => i, i => i);

    private static readonly ClassifierTrainingOptions Options = new()
    {
        Architecture = new ClassifierArchitecture { Categories = 3, Width = 4, Size = 32, OutputStride = 8, TwoStream = true },
        CategoryNames = ["Red", "Green", "Blue"],
        Epochs = 4,
        DrawsPerEpoch = 12,
        BatchSize = 4,
        LearningRate = 0.02,
    };

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void CutIntoSegments_GivesTheBytesOfTheStraightRun(int cut, bool strict)
    {
        var train = strict ? Strict : Loose;
        using var straight = ClassifierTraining.Start(Options, train, Strict);
        straight.Run(8);
        byte[] saved;
        using (var first = ClassifierTraining.Start(Options, train, Strict))
        {
            first.Run(cut);
            saved = first.Save();
        }

        using var second = ClassifierTraining.Resume(saved, train, Strict);
        second.Save().ShouldBe(saved);
        second.Run(8 - cut);
        second.Save().ShouldBe(straight.Save());
        second.Export().ShouldBe(straight.Export());
    }

    [Fact]
    public void Training_LearnsFromBothStreams_AndItsExportPredicts()
    {
        var options = Options with { Augmentation = Augmentation.Light, Epochs = 8, DrawsPerEpoch = 48, BatchSize = 8, Architecture = Options.Architecture with { Width = 8 } };
        using var training = ClassifierTraining.Start(options, Loose, Strict);
        training.Run();
        training.BestValidation!.Images.ShouldBe(9);
        training.BestValidation.MacroSenSpeF1!.Value.ShouldBeGreaterThan(0.8);

        using var checkpoint = ClassifierCheckpoint.Load(training.Export());
        checkpoint.Network.ShouldBeOfType<TwoStreamNetwork>();
        Should.Throw<CheckpointException>(() => checkpoint.OneStream).Message.ShouldContain("two-stream-resnet18-w8-s8");
        var metrics = ClassificationMetrics.From(Strict.Labels(), Prediction.Predict(checkpoint.Network, Strict));
        metrics.MacroSenSpeF1.ShouldBe(training.BestValidation.MacroSenSpeF1);
    }

    [Fact]
    public void StreamsOwnLayers_StayAsTheyWere()
    {
        using var training = ClassifierTraining.Start(Options, Loose, null);
        using var before = ClassifierCheckpoint.Load(training.Export());
        training.Run(3);
        using var after = ClassifierCheckpoint.Load(training.Export());
        foreach (var (key, tensor) in after.Network.state_dict().Where(entry => entry.Key.Contains(".fc.", StringComparison.Ordinal)))
            tensor.allclose(before.Network.state_dict()[key], 0, 0).ShouldBeTrue(key);
        after.Network.state_dict()["fc_cat.weight"].allclose(before.Network.state_dict()["fc_cat.weight"], 0, 0).ShouldBeFalse();
    }

    [Fact]
    public void FineTuning_StartsFromGivenWeights()
    {
        using var pretrained = ClassifierTraining.Start(Options, Loose, null);
        pretrained.Run(3);
        using var start = ClassifierCheckpoint.Load(pretrained.Export());
        using var tuned = ClassifierTraining.Start(Options with { LearningRate = ClassifierTrainingOptions.FineTuningRate }, Strict, null, start.Network.state_dict());
        using var unchanged = ClassifierCheckpoint.Load(tuned.Export());
        unchanged.Network.state_dict()["fc_cat.weight"].allclose(start.Network.state_dict()["fc_cat.weight"], 0, 0).ShouldBeTrue();
    }

    [Fact]
    public void WhatDoesNotFit_IsSaid()
    {
        Should.Throw<ArgumentException>(() => ClassifierTraining.Start(Options, Cfp, null)).Message.ShouldContain("two streams learn from a pair set");
        Should.Throw<ArgumentException>(() => ClassifierTraining.Start(Options with { Architecture = Options.Architecture with { TwoStream = false } }, Loose, null)).Message.ShouldContain("1 stream");
        using var training = ClassifierTraining.Start(Options, Loose, Strict);
        var saved = training.Save();
        Should.Throw<CheckpointException>(() => ClassifierTraining.Resume(saved, Strict, Strict)).Message.ShouldContain("trained on 36 images");
    }
}
