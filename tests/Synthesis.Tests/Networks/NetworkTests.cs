using System.Runtime.InteropServices;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class NetworkTests
{
    private static readonly GeneratorArchitecture Golden = new() { Ngf = 8, Downsamplings = 4, Blocks = 9, Norm = NormKind.Instance, Size = 128, LoadSize = 128 };

    [Theory]
    [InlineData(null, 0.076207f, 0.551163f, 0.87349f, 0.48868f, 0.18338f)]
    [InlineData(3, -0.205618f, 0.554256f, 0.58251f, -0.49443f, -0.19109f)]
    public void Generator_WithGoldenWeights_GivesPublishedOutput(int? localBlocks, float mean, float deviation, params float[] first)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = ImageGenerator.Create(Golden with { LocalBlocks = localBlocks }, null);
        generator.eval();
        GoldenWeights.Fill(generator);
        using var guard = torch.no_grad();
        var y = generator.call(GoldenWeights.Input(128));
        y.mean().item<float>().ShouldBe(mean, 2e-4f);
        y.std(unbiased: false).item<float>().ShouldBe(deviation, 2e-4f);
        for (var i = 0; i < 3; i++)
            y[0, 0, 0, i].item<float>().ShouldBe(first[i], 2e-4f);
    }

    [Fact]
    public void GlobalGenerator_HasPublishedSizeAndKeys()
    {
        using var generator = new GlobalGenerator(Golden with { Norm = NormKind.Batch }, new Rng(1));
        var keys = generator.state_dict();
        keys.Count.ShouldBe(191);
        keys["model.16.conv_block.1.weight"].shape.ShouldBe([128, 128, 3, 3]);
        keys["model.25.weight"].shape.ShouldBe([128, 64, 3, 3]);
        keys["model.38.bias"].shape.ShouldBe([3]);
    }

    [Fact]
    public void PaperGenerator_HasPublishedParameterCount()
    {
        using var generator = new GlobalGenerator(GeneratorPresets.Find("paper256", 3) with { Norm = NormKind.Instance }, null);
        Weights.CountParameters(generator).ShouldBe(182_443_267);
    }

    [Fact]
    public void LocalEnhancer_HasPublishedSizeAndKeys()
    {
        using var generator = new LocalEnhancer(GeneratorPresets.Find("paper512", 3), null);
        Weights.CountParameters(generator).ShouldBe(182_701_827);
        var keys = generator.state_dict();
        keys.Count.ShouldBe(74);
        keys.Keys.Count(key => key.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal)).ShouldBe(54);
        keys.Keys.Where(key => !key.StartsWith(LocalEnhancer.GlobalPrefix, StringComparison.Ordinal) && key.EndsWith("weight", StringComparison.Ordinal)).ShouldBe(
        [
            "model1_1.1.weight", "model1_1.4.weight", "model1_2.0.conv_block.1.weight", "model1_2.0.conv_block.5.weight", "model1_2.1.conv_block.1.weight",
            "model1_2.1.conv_block.5.weight", "model1_2.2.conv_block.1.weight", "model1_2.2.conv_block.5.weight", "model1_2.3.weight", "model1_2.7.weight",
        ]);
        keys["model.1.weight"].shape.ShouldBe([64, 3, 7, 7]);
        keys["model1_1.4.weight"].shape.ShouldBe([64, 32, 3, 3]);
        keys["model1_2.3.weight"].shape.ShouldBe([64, 32, 3, 3]);
        keys["model1_2.7.weight"].shape.ShouldBe([3, 32, 7, 7]);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(144, false)]
    public void LocalEnhancer_TakesMultiplesOf32(int size, bool fits)
    {
        var architecture = Golden with { LocalBlocks = 3, Size = size, LoadSize = size };
        if (fits)
            architecture.Validate();
        else
            Should.Throw<ArgumentException>(architecture.Validate).Message.ShouldContain("multiple of 32");
    }

    [Fact]
    public void Discriminator_HasPublishedSizeAndKeys()
    {
        using var instance = new MultiscaleDiscriminator(GeneratorPresets.Find("paper256", 3) with { Norm = NormKind.Instance }, null);
        Weights.CountParameters(instance).ShouldBe(5_535_618);
        instance.state_dict().Count.ShouldBe(20);
        using var batch = new MultiscaleDiscriminator(GeneratorPresets.Find("paper256", 3), null);
        batch.state_dict().Count.ShouldBe(50);
        batch.state_dict().Keys.ShouldContain("scale1_layer3.1.running_mean");
    }

    [Fact]
    public void Discriminator_JudgesFullResolutionFirst()
    {
        using var scope = torch.NewDisposeScope();
        using var discriminator = new MultiscaleDiscriminator(GeneratorPresets.Find("tiny64", 3), new Rng(1));
        var judged = discriminator.Judge(torch.zeros(1, 6, 64, 64));
        judged.Select(s => s.Count).ShouldBe([5, 5]);
        judged[0][0].shape.ShouldBe([1, 16, 33, 33]);
        judged[1][0].shape.ShouldBe([1, 16, 17, 17]);
    }

    [Fact]
    public void ResNet18_HasTorchvisionSize()
    {
        using var network = new ResNet(new ClassifierArchitecture { Categories = 4 }, null);
        var count = Weights.CountParameters(network);
        count.ShouldBe(11_178_564);
        var keys = network.state_dict();
        keys.Count.ShouldBe(122);
        keys["layer2.0.downsample.0.weight"].shape.ShouldBe([128, 64, 1, 1]);
        keys.Keys.ShouldContain("layer4.1.bn2.num_batches_tracked");
    }

    [Fact]
    public void ResNet50_HasTorchvisionSize()
    {
        using var network = new ResNet(new ClassifierArchitecture { Name = ClassifierArchitecture.ResNet50, Categories = 1000 }, null);
        Weights.CountParameters(network).ShouldBe(25_557_032);
        network.state_dict().Count.ShouldBe(320);
        network.state_dict()["layer3.0.conv3.weight"].shape.ShouldBe([1024, 256, 1, 1]);
    }

    [Theory]
    [InlineData(32, 2)]
    [InlineData(16, 4)]
    [InlineData(8, 8)]
    public void OutputStride_SetsTheGrid_AndKeepsTheKeys(int stride, int grid)
    {
        foreach (var name in new[] { ClassifierArchitecture.ResNet18, ClassifierArchitecture.ResNet50 })
        {
            using var scope = torch.NewDisposeScope();
            var architecture = new ClassifierArchitecture { Name = name, Categories = 3, Width = 4, Size = 64, OutputStride = stride };
            using var network = new ResNet(architecture, new Rng(1));
            using var plain = new ResNet(architecture with { OutputStride = 32 }, new Rng(1));
            network.Features(torch.zeros(2, 3, 64, 64)).shape.ShouldBe([2, architecture.FeatureChannels, grid, grid]);
            architecture.GridSize.ShouldBe(grid);
            network.state_dict().Keys.ShouldBe(plain.state_dict().Keys);
        }
    }

    [Fact]
    public void EqualSeeds_GiveEqualWeights()
    {
        var architecture = new ClassifierArchitecture { Categories = 3, Width = 4, Size = 64 };
        using var one = new ResNet(architecture, new Rng(5));
        using var two = new ResNet(architecture, new Rng(5));
        using var other = new ResNet(architecture, new Rng(6));
        Bytes(one).ShouldBe(Bytes(two));
        Bytes(one).ShouldNotBe(Bytes(other));
    }

    [Fact]
    public void LoadingOtherShapes_IsRefusedByName()
    {
        var architecture = new ClassifierArchitecture { Categories = 3, Width = 4, Size = 64 };
        using var network = new ResNet(architecture, new Rng(5));
        using var wider = new ResNet(architecture with { Width = 8 }, new Rng(5));
        Should.Throw<CheckpointException>(() => Weights.Load(network, wider.state_dict())).Message.ShouldContain("conv1.weight");
    }

    private static byte[] Bytes(torch.nn.Module module)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, Weights.Of(module));
        return stream.ToArray();
    }
}
