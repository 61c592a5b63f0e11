using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Training;

public sealed class StageTests
{
    private static readonly PairedSet Pairs = DrawnSets.Pairs(4, 80);

    private static readonly GeneratorTrainingOptions Stage1 = new()
    {
        Architecture = new() { Ngf = 4, Ndf = 4, Downsamplings = 2, Blocks = 1, InputChannels = 2, Norm = NormKind.Batch, LoadSize = 68, Size = 64 },
        ConstantEpochs = 1,
        DecayEpochs = 1,
    };

    // Two epochs of four steps stand still, two do not.
    private static readonly GeneratorTrainingOptions Stage2 = new()
    {
        Architecture = Stage1.Architecture with { Ngf = 2, LocalBlocks = 1, Norm = NormKind.Instance },
        ConstantEpochs = 2,
        DecayEpochs = 2,
        FrozenEpochs = 2,
        BatchSize = 1,
    };

    [Fact]
    public void PublishedStages_HandOver54And20Tensors()
    {
        // The widths differ from the published ones, the layers do not.
        var global = GeneratorPresets.Find("paper256", 3) with { Ngf = 2, Ndf = 2 };
        using var generator = new GlobalGenerator(global, new Rng(1));
        using var judge = new MultiscaleDiscriminator(global, new Rng(2));
        (generator.state_dict().Count, judge.state_dict().Count).ShouldBe((191, 50));
        using var file = Checkpoint([.. Weights.Of(generator), .. Weights.Of(judge, StageTransfer.DiscriminatorPrefix)], global);
        var local = GeneratorPresets.Find("paper512", 3) with { Ngf = 1, Ndf = 2 };
        using var enhancer = new LocalEnhancer(local, new Rng(3));
        using var discriminator = new MultiscaleDiscriminator(local, new Rng(4));
        var own = Weights.Copy(enhancer);

        StageTransfer.Apply(enhancer, discriminator, file).ShouldBe((54, 20));

        foreach (var (name, tensor) in enhancer.state_dict())
            Same(tensor, name.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal) ? generator.state_dict()[name] : own[name]).ShouldBeTrue(name);
        foreach (var (name, tensor) in discriminator.state_dict())
            Same(tensor, judge.state_dict()[name]).ShouldBeTrue(name);
        foreach (var tensor in own.Values)
            tensor.Dispose();
    }

    [Fact]
    public void Stage1OfOtherShape_OrWithoutDiscriminator_IsRefusedByName()
    {
        var narrow = Stage1.Architecture with { Ngf = 2 };
        using var generator = new GlobalGenerator(narrow, new Rng(1));
        using var judge = new MultiscaleDiscriminator(narrow, new Rng(2));
        using var other = Checkpoint([.. Weights.Of(generator), .. Weights.Of(judge, StageTransfer.DiscriminatorPrefix)], narrow);
        Should.Throw<CheckpointException>(() => GeneratorTraining.Start(Stage2, Pairs, stage1: other)).Message.ShouldContain("'model.1.weight' has shape [2, 2, 7, 7], expected [4, 2, 7, 7]");
        using var alone = Checkpoint([.. Weights.Of(generator)], narrow);
        Should.Throw<CheckpointException>(() => GeneratorTraining.Start(Stage2, Pairs, stage1: alone)).Message.ShouldContain("no discriminator");
        Should.Throw<CheckpointException>(() => GeneratorTraining.Start(Stage1, Pairs, stage1: other)).Message.ShouldContain("no local enhancer");
    }

    [Fact]
    public void FrozenPart_KeepsItsBits_ThenLearns()
    {
        using var training = StartStage2();
        var start = Generator(training);
        training.Run(8);
        var frozen = Generator(training);
        training.Run(1);
        var thawed = Generator(training);
        foreach (var (name, tensor) in start)
        {
            var global = name.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal);
            Same(frozen[name], tensor).ShouldBe(global, name);
            if (global && name.EndsWith("weight", StringComparison.Ordinal))
                Same(thawed[name], tensor).ShouldBeFalse(name);
        }

        foreach (var tensor in start.Values.Concat(frozen.Values).Concat(thawed.Values))
            tensor.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void CutAroundTheThaw_GivesTheBytesOfTheStraightRun(int cut)
    {
        using var straight = StartStage2();
        straight.Run(11);
        byte[] saved;
        using (var first = StartStage2())
        {
            first.Run(cut);
            saved = first.Save();
        }

        using var second = GeneratorTraining.Resume(saved, Pairs);
        second.Save().ShouldBe(saved);
        second.Run(11 - cut);
        second.Save().ShouldBe(straight.Save());
    }

    [Fact]
    public void Thaw_StartsAdamAfresh()
    {
        using var training = StartStage2();
        training.Run(7);
        Moments(training).ShouldBe((false, 2 * 12));
        training.Run(1);
        Moments(training).ShouldBe((true, 2 * 26));
    }

    [Fact]
    public void PerceptualTerm_IsOnWhereWeightsAreGiven()
    {
        using var vgg = new Vgg19Features(2);
        Networks.GoldenWeights.Fill(vgg);
        var options = Stage1 with { PerceptualWeight = 10 };
        Should.Throw<ArgumentException>(() => GeneratorTraining.Start(options, Pairs)).Message.ShouldContain("belong together");
        Should.Throw<ArgumentException>(() => GeneratorTraining.Start(Stage1, Pairs, vgg: vgg)).Message.ShouldContain("belong together");
        using var with = GeneratorTraining.Start(options, Pairs, vgg: vgg);
        using var without = GeneratorTraining.Start(Stage1, Pairs);
        with.Run();
        without.Run();
        with.History[0].Losses["perceptual"].ShouldBeGreaterThan(0);
        without.History[0].Losses.Keys.ShouldNotContain("perceptual");
        with.Export().ShouldNotBe(without.Export());
    }

    [Fact]
    public void Presets_TrainAsPublished()
    {
        var first = GeneratorTrainingOptions.OfPreset("paper256", 3);
        (first.ConstantEpochs, first.DecayEpochs, first.BatchSize, first.FrozenEpochs, first.Architecture.LoadSize, first.Architecture.Norm).ShouldBe((100, 100, 2, 0, 272, NormKind.Batch));
        var second = GeneratorTrainingOptions.OfPreset("paper512", 3, staged: true);
        (second.ConstantEpochs, second.DecayEpochs, second.BatchSize, second.FrozenEpochs, second.Architecture.LoadSize, second.Architecture.Norm).ShouldBe((50, 50, 1, 20, 520, NormKind.Instance));
        GeneratorTrainingOptions.OfPreset("paper512", 3).FrozenEpochs.ShouldBe(0);
        (second.LearningRate, second.FeatureWeight, GeneratorTrainingOptions.PublishedPerceptualWeight).ShouldBe((2e-4, 10, 10));
        Should.Throw<ArgumentException>(() => GeneratorTrainingOptions.OfPreset("paper256", 3, staged: true)).Message.ShouldContain("no local enhancer");
        foreach (var options in new[] { first, second })
            options.Validate();
    }

    // Epochs counted from 1, as published: constant through niter + 1, the last of them all at 1 / niter_decay.
    [Theory]
    [InlineData("paper256", 1, 1.0)]
    [InlineData("paper256", 100, 1.0)]
    [InlineData("paper256", 101, 1.0)]
    [InlineData("paper256", 102, 0.99)]
    [InlineData("paper256", 151, 0.5)]
    [InlineData("paper256", 200, 0.01)]
    [InlineData("paper512", 1, 1.0)]
    [InlineData("paper512", 51, 1.0)]
    [InlineData("paper512", 52, 0.98)]
    [InlineData("paper512", 76, 0.5)]
    [InlineData("paper512", 100, 0.02)]
    public void LearningRates_AreThePublishedTable(string preset, int epoch, double share) =>
        GeneratorTrainingOptions.OfPreset(preset, 3).RateOf(epoch - 1).ShouldBe(2e-4 * share, 1e-15);

    private static GeneratorTraining StartStage2()
    {
        using var first = GeneratorTraining.Start(Stage1, Pairs);
        first.Run();
        using var file = SafeTensors.Read(first.Export());
        return GeneratorTraining.Start(Stage2, Pairs, stage1: file);
    }

    private static Dictionary<string, torch.Tensor> Generator(GeneratorTraining training)
    {
        using var file = SafeTensors.Read(training.Save());
        return file.Under("generator/").ToDictionary(entry => entry.Key, entry => entry.Value.clone().DetachFromDisposeScope());
    }

    /// <summary>Whether the generator's moments are all zero, and how many tensors they are.</summary>
    private static (bool Zero, int Count) Moments(GeneratorTraining training)
    {
        using var file = SafeTensors.Read(training.Save());
        var moments = file.Under("generator-adam/");
        return (moments.Values.All(moment => moment.count_nonzero().item<long>() == 0), moments.Count);
    }

    private static SafeTensorsFile Checkpoint(IReadOnlyList<NamedTensor> tensors, GeneratorArchitecture architecture)
    {
        using var stream = new MemoryStream();
        var metadata = CheckpointMetadata.Create(CheckpointMetadata.Generator);
        metadata[CheckpointMetadata.ArchitectureKey] = architecture.ToJson();
        SafeTensors.Write(stream, tensors, metadata);
        return SafeTensors.Read(stream.ToArray());
    }

    private static bool Same(torch.Tensor a, torch.Tensor b) => a.bytes.SequenceEqual(b.bytes);
}
