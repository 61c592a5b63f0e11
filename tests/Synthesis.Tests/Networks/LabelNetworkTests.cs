using System.Text.Json;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

/// <summary>Label-conditioned networks: their sizes, how levels fade in, and one step against tests/fixtures/networks/label_reference.py.</summary>
public sealed class LabelNetworkTests
{
    private static readonly LabelGeneratorArchitecture Small = new() { Categories = 3, Size = 64, Channels = 8, Noise = 6 };

    private static readonly JsonElement Fixtures =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests", "fixtures", "networks", "label_networks.json"))).RootElement;

    public static TheoryData<int> Steps => [.. Enumerable.Range(0, Fixtures.GetProperty("steps").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Steps))]
    public void OneStepInFloat64_HasTheReferencesImagesLossesAndGradients(int index)
    {
        using var scope = torch.NewDisposeScope();
        var expected = Fixtures.GetProperty("steps")[index];
        var phase = PhaseOf(expected.GetProperty("level").GetInt32(), expected.GetProperty("alpha").GetDouble());
        using var generator = new LabelGenerator(Small, null);
        using var discriminator = new LabelDiscriminator(Small, null);
        FillUnit(generator);
        FillUnit(discriminator);
        var labels = torch.tensor(new long[] { 0, 1, 2, 0 });
        var oneHot = LabelNoise.OneHot([0, 1, 2, 0], 3, null).to(torch.ScalarType.Float64);
        var real = Numbers(98, 4, 3, 4 << phase.Level, 4 << phase.Level);
        var fake = generator.Generate(Numbers(97, 4, Small.Noise), oneHot, phase.Level, phase.Alpha);
        ShouldBe(fake[0, .., 0, 0], expected.GetProperty("first"));
        ShouldBe(fake[-1, .., -1, -1], expected.GetProperty("last"));

        var options = new LabelGeneratorTrainingOptions { Architecture = Small };
        var critic = LabelDiscriminatorLosses.Of(discriminator, real, fake.detach(), labels, (Numbers(96, 4, 1, 1, 1) + 1) / 2, phase);
        critic.Total(options).backward();
        var gradients = expected.GetProperty("gradients");
        NormOf(discriminator.parameters()).ShouldBe(gradients.GetProperty("discriminator").GetDouble(), 1e-8);
        NormOf([discriminator.state_dict()[$"rgb{phase.Level}.weight"]]).ShouldBe(gradients.GetProperty("discriminatorColors").GetDouble(), 1e-8);
        var own = LabelGeneratorLosses.Of(discriminator, fake, labels, phase);
        own.Total(options).backward();
        NormOf(generator.parameters()).ShouldBe(gradients.GetProperty("generator").GetDouble(), 1e-8);

        foreach (var (name, loss) in new[]
        {
            ("critic", critic.Critic), ("penalty", critic.Penalty), ("drift", critic.Drift), ("categoryReal", critic.CategoryReal), ("categoryFake", critic.CategoryFake),
            ("gan", own.Gan), ("category", own.Category),
        })
        {
            loss.item<double>().ShouldBe(expected.GetProperty("losses").GetProperty(name).GetDouble(), 1e-10, name);
        }
    }

    [Fact]
    public void Keys_AreThoseOfTheReference()
    {
        using var generator = new LabelGenerator(Small, null);
        using var discriminator = new LabelDiscriminator(Small, null);
        generator.state_dict().Keys.ShouldBe(Fixtures.GetProperty("generatorKeys").EnumerateArray().Select(key => key.GetString()!));
        discriminator.state_dict().Keys.ShouldBe(Fixtures.GetProperty("discriminatorKeys").EnumerateArray().Select(key => key.GetString()!));
    }

    [Fact]
    public void PublishedSize_HasThePublishedParametersAndShapes()
    {
        // Table 2 of the paper: 23.1 million each at 1024 pixels; its discriminator has one output, its generator no category.
        var architecture = new LabelGeneratorArchitecture { Categories = 4, Size = 1024 };
        Enumerable.Range(0, architecture.Levels).Select(architecture.ChannelsAt).ShouldBe([512, 512, 512, 512, 256, 128, 64, 32, 16]);
        using var generator = new LabelGenerator(architecture, null);
        using var discriminator = new LabelDiscriminator(architecture, null);
        const int Cells = 16;
        var ofCategories = 4 * 512 * Cells;
        ((Weights.CountParameters(generator) - ofCategories) / 1e6).ShouldBe(23.1, 0.05);
        ((Weights.CountParameters(discriminator) - (4 * 513)) / 1e6).ShouldBe(23.1, 0.05);
        generator.state_dict()["dense.weight"].shape.ShouldBe([512 * Cells, 512 + 4]);
        generator.state_dict()["dense.bias"].shape.ShouldBe([512]);
        generator.state_dict()["block4_conv0.weight"].shape.ShouldBe([256, 512, 3, 3]);
        discriminator.state_dict()["block0_conv0.weight"].shape.ShouldBe([512, 513, 3, 3]);
        discriminator.state_dict()["block4_conv1.weight"].shape.ShouldBe([512, 256, 3, 3]);
        discriminator.state_dict()["score.weight"].shape.ShouldBe([5, 512]);
    }

    [Theory]
    [InlineData("tiny64", 64)]
    [InlineData("small128", 128)]
    [InlineData("paper256", 256)]
    [InlineData("paper512", 512)]
    public void Preset_MakesImagesOfItsSide(string preset, int side)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = LabelGeneratorPresets.Find(preset, 4) with { Channels = Math.Min(32, LabelGeneratorPresets.Find(preset, 4).Channels) };
        using var generator = new LabelGenerator(architecture, new Rng(1));
        using var discriminator = new LabelDiscriminator(architecture, new Rng(1));
        for (var level = 0; level < architecture.Levels; level++)
        {
            using var guard = torch.no_grad();
            var images = generator.Generate(torch.randn(2, architecture.Noise), LabelNoise.OneHot([0, 3], 4, null), level, 0.5);
            images.shape.ShouldBe([2, 3, 4 << level, 4 << level]);
            discriminator.Judge(images, level, 0.5).shape.ShouldBe([2, 5]);
        }

        LabelNoise.Generate(generator, [(3, 1UL)])[0].Width.ShouldBe(side);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Level_FadesInContinuously(int level)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        using var generator = new LabelGenerator(Small, new Rng(1));
        using var discriminator = new LabelDiscriminator(Small, new Rng(2));
        var (noise, oneHot) = (Numbers(1, 3, Small.Noise).to(torch.ScalarType.Float32), LabelNoise.OneHot([0, 1, 2], 3, null));
        torch.Tensor Made(double alpha) => generator.Generate(noise, oneHot, level, alpha);
        // At 0 the level below, enlarged; at 1 the level alone; in between without a jump.
        Distance(Made(0), GrowingLayers.Twice(generator.Generate(noise, oneHot, level - 1, 1))).ShouldBe(0, 1e-6);
        Distance(Made(1e-6), Made(0)).ShouldBeLessThan(1e-4);
        Distance(Made(1 - 1e-6), Made(1)).ShouldBeLessThan(1e-4);
        Distance(Made(0), Made(1)).ShouldBeGreaterThan(0.01);

        var images = Numbers(5, 3, 3, 4 << level, 4 << level).to(torch.ScalarType.Float32);
        torch.Tensor Judged(double alpha) => discriminator.Judge(images, level, alpha);
        Distance(Judged(0), discriminator.Judge(GrowingLayers.Shrunk(images), level - 1, 1)).ShouldBe(0, 1e-5);
        Distance(Judged(1 - 1e-6), Judged(1)).ShouldBeLessThan(1e-4);

        var shown = LabelBatches.AtLevel(images, PhaseOf(level, 1e-6), 4 << level);
        Distance(shown, GrowingLayers.Twice(GrowingLayers.Shrunk(images))).ShouldBeLessThan(1e-4);
        Distance(LabelBatches.AtLevel(images, PhaseOf(level, 1), 4 << level), images).ShouldBe(0);
    }

    [Fact]
    public void EqualizedLayers_LeaveUnitVariance()
    {
        // The idea of it: fresh weights are N(0, 1), and a layer's output varies as its input does, times 2 for the ReLU that follows.
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        using var conv = new EqualizedConv(64, 64, 3, EqualizedLayer.ReluGain, new Rng(3));
        conv.state_dict()["weight"].std().item<float>().ShouldBe(1, 0.02f);
        var y = conv.call(Numbers(1, 4, 64, 16, 16).to(torch.ScalarType.Float32) * (float)Math.Sqrt(3))[.., .., 1..15, 1..15];
        y.square().mean().item<float>().ShouldBe(2, 0.1f);
        GrowingLayers.PixelNorm(y).square().mean([1]).std().item<float>().ShouldBeLessThan(1e-3f);
    }

    [Fact]
    public void OddSizes_AreRefused()
    {
        Should.Throw<ArgumentException>(() => (Small with { Size = 48 }).Validate()).Message.ShouldContain("power of 2");
        Should.Throw<ArgumentException>(() => (Small with { Categories = 1 }).Validate()).Message.ShouldContain("at least 2");
        Should.Throw<ArgumentException>(() => (Small with { Size = 1024 }).Validate()).Message.ShouldContain("at least 32");
    }

    private static LabelPhase PhaseOf(int level, double alpha) => new(0, level, alpha < 1, alpha, 0);

    // Weights of variance 1 in float64, as an equalized layer wants them.
    private static void FillUnit(torch.nn.Module network)
    {
        GoldenWeights.Fill(network);
        network.to(torch.ScalarType.Float64);
        using var guard = torch.no_grad();
        foreach (var tensor in network.parameters().Where(p => p.dim() > 1))
            tensor.mul_(Math.Sqrt(tensor.shape.Skip(1).Aggregate(1L, (a, b) => a * b)));
    }

    private static torch.Tensor Numbers(ulong seed, params long[] shape)
    {
        var rng = new Rng(seed);
        return torch.tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (double)(float)(((rng.NextUInt64() >> 11) * Math.Pow(2, -52)) - 1)).ToArray()).reshape(shape);
    }

    private static void ShouldBe(torch.Tensor actual, JsonElement expected) =>
        actual.data<double>().ToArray().Zip(expected.EnumerateArray(), (a, e) => Math.Abs(a - e.GetDouble())).Max().ShouldBeLessThan(1e-10);

    private static double Distance(torch.Tensor a, torch.Tensor b) => (a - b).abs().max().item<float>();

    private static double NormOf(IEnumerable<torch.Tensor> parameters) => Math.Sqrt(parameters.Select(p => p.grad).OfType<torch.Tensor>().Sum(g => g.square().sum().item<double>()));
}
