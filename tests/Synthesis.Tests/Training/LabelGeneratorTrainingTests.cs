using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Training;

public sealed class LabelGeneratorTrainingTests
{
    private static readonly ImageSet Images = DrawnSets.Images(7, 3, 20, 4);

    // Three levels, five phases: 4, 8 fading, 8, 16 fading, 16.
    private static readonly LabelGeneratorTrainingOptions Options = new()
    {
        Architecture = new() { Categories = 3, Size = 16, Channels = 8, Noise = 8 },
        Steps = 20,
        BatchSize = 4,
    };

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(19)]
    public void CutIntoSegments_GivesTheBytesOfTheStraightRun(int cut)
    {
        using var straight = LabelGeneratorTraining.Start(Options, Images);
        straight.Run();
        byte[] saved;
        using (var first = LabelGeneratorTraining.Start(Options, Images))
        {
            first.Run(cut);
            saved = first.Save();
        }

        using var second = LabelGeneratorTraining.Resume(saved, Images, torch.CPU);
        second.Save().ShouldBe(saved);
        second.Run();
        second.Finished.ShouldBeTrue();
        second.Save().ShouldBe(straight.Save());
        second.Export().ShouldBe(straight.Export());
        Should.Throw<CheckpointException>(() => LabelGeneratorTraining.Resume(saved, DrawnSets.Images(6, 3, 20, 4))).Message.ShouldContain("7 images");
    }

    [Fact]
    public void Phases_FadeEachLevelInAndThenLetItSettle()
    {
        LabelPhase[] phases = [.. Enumerable.Range(0, 20).Select(Options.PhaseOf)];
        phases.Select(phase => phase.Level).ShouldBe([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
        phases.Where(phase => phase.Number == 3).Select(phase => phase.Alpha).ShouldBe([0.125, 0.375, 0.625, 0.875]);
        phases.Where(phase => !phase.Fading).ShouldAllBe(phase => phase.Alpha == 1);
        phases.Select(phase => phase.FirstStep).Distinct().ShouldBe([0, 4, 8, 12, 16]);

        // As published: 800,000 images a phase in batches of 16, of 14 at 256 pixels.
        var published = LabelGeneratorTrainingOptions.OfPreset("paper256", 4);
        published.TotalSteps.ShouldBe((11 * 50_000) + (2 * 57_143));
        published.PhaseOf(49_999).Level.ShouldBe(0);
        published.PhaseOf(50_000).ShouldBe(new LabelPhase(1, 1, true, 0.5 / 50_000, 50_000));
        published.PhaseOf(published.TotalSteps - 1).ShouldBe(new LabelPhase(12, 6, false, 1, (11 * 50_000) + 57_143));
        (published with { Steps = 26 }).PhaseOf(25).Number.ShouldBe(12);
        Should.Throw<ArgumentException>(() => (Options with { Steps = 9 }).Validate()).Message.ShouldContain("at least 10");
    }

    [Fact]
    public void Steps_LeaveNoTensorBehind()
    {
        using var training = LabelGeneratorTraining.Start(Options with { Steps = 100 }, Images);
        training.Run(81);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        training.Run(18);
        training.Save();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void LayersThatAreNotInUse_KeepTheirBits()
    {
        using var training = LabelGeneratorTraining.Start(Options, Images);
        var fresh = WeightsOf(training);
        training.Run(8);
        var half = WeightsOf(training);
        foreach (var (key, bytes) in half)
            bytes.SequenceEqual(fresh[key]).ShouldBe(key.Contains("block2", StringComparison.Ordinal) || key.Contains("rgb2", StringComparison.Ordinal), key);
        training.Run();
        WeightsOf(training).ShouldAllBe(entry => !entry.Value.SequenceEqual(fresh[entry.Key]));
    }

    [Fact]
    public void Export_IsTheRunningAverage()
    {
        // One step with a decay of 0 is the generator itself; with one of almost 1 it is still the fresh one.
        using var follows = LabelGeneratorTraining.Start(Options with { AverageDecay = 0 }, Images);
        using var lags = LabelGeneratorTraining.Start(Options with { AverageDecay = 0.999999 }, Images);
        var fresh = lags.Export();
        follows.Run(3);
        lags.Run(3);
        using var average = SafeTensors.Read(follows.Export());
        using var saved = SafeTensors.Read(follows.Save());
        foreach (var (key, tensor) in saved.Under("generator/"))
            average.Tensors[key].bytes.SequenceEqual(tensor.bytes).ShouldBeTrue(key);
        using var before = SafeTensors.Read(fresh);
        using var after = SafeTensors.Read(lags.Export());
        foreach (var (key, tensor) in before.Tensors)
            torch.allclose(after.Tensors[key], tensor, atol: 1e-5).ShouldBeTrue(key);
    }

    [Fact]
    public void Training_LearnsTheCategories()
    {
        // One category is red, the other green. A coin's cross entropy is 0.69.
        var options = Options with { Architecture = Options.Architecture with { Categories = 2, Size = 8, Channels = 16 }, Steps = 300, BatchSize = 8 };
        using var training = LabelGeneratorTraining.Start(options, ImageSet.Of([.. Enumerable.Range(0, 8).Select(i => (Colored(i % 2, 150 + (10 * i)), i % 2))]));
        training.Run();
        training.History.Count.ShouldBe(100);
        training.History[0].Losses.Keys.ShouldBe(["category", "categoryFake", "categoryReal", "critic", "drift", "gan", "penalty"]);
        training.History.TakeLast(20).Average(entry => entry.Losses["categoryReal"]).ShouldBeLessThan(0.3);
        training.History.TakeLast(20).Average(entry => entry.Losses["category"]).ShouldBeLessThan(0.6);
        using var generator = LabelGeneratorCheckpoint.Load(training.Export(new Dictionary<string, string> { ["background"] = "0" }));
        generator.Annotations["background"].ShouldBe("0");
        LabelNoise.Generate(generator.Network, [(1, 1UL)])[0].Width.ShouldBe(8);
    }

    [Fact]
    public void Sample_IsFixedByItsCategoryAndSeed()
    {
        using var generator = new LabelGenerator(Options.Architecture, new Rng(1));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var three = LabelNoise.Generate(generator, [(0, 7UL), (1, 7UL), (0, 8UL)]);
        LabelNoise.Generate(generator, [(0, 7UL), (1, 7UL), (0, 8UL)])[2].Pixels.ShouldBe(three[2].Pixels);
        three[1].Pixels.ShouldNotBe(three[0].Pixels);
        three[2].Pixels.ShouldNotBe(three[0].Pixels);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
        Should.Throw<ArgumentException>(() => LabelNoise.Generate(generator, [(3, 7UL)])).Message.ShouldContain("Category 3");
    }

    [Fact]
    public void HugeLearningRate_IsReportedAsDivergence()
    {
        using var training = LabelGeneratorTraining.Start(Options with { LearningRate = 1e30 }, Images);
        Should.Throw<TrainingDivergedException>(() => training.Run());
    }

    private static RgbImage Colored(int color, int brightness)
    {
        var image = new RgbImage(8, 8);
        for (var i = color; i < image.Pixels.Length; i += 3)
            image.Pixels[i] = (byte)brightness;
        return image;
    }

    private static Dictionary<string, byte[]> WeightsOf(LabelGeneratorTraining training)
    {
        using var file = SafeTensors.Read(training.Save());
        return file.Tensors.Where(t => t.Key.StartsWith("generator/", StringComparison.Ordinal) || t.Key.StartsWith("discriminator/", StringComparison.Ordinal))
            .ToDictionary(t => t.Key, t => t.Value.bytes.ToArray());
    }
}
