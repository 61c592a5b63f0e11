using Factory.Synthesis.Cams;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

public sealed class TwoStreamTests
{
    private static readonly ClassifierArchitecture Small = new() { Categories = 4, Width = 8, Size = 64, OutputStride = 8, TwoStream = true };

    [Fact]
    public void OfResNet18_HasThePublishedKeysAndSize()
    {
        using var network = new TwoStreamNetwork(new() { Categories = 4, TwoStream = true }, null);
        using var stream = new ResNet(new() { Categories = 4 }, null);
        Weights.CountParameters(network).ShouldBe(22_361_228);
        string[] own = [.. stream.state_dict().Keys];
        network.state_dict().Keys.ShouldBe([.. own.Select(key => "model1." + key), .. own.Select(key => "model2." + key), "fc_cat.weight", "fc_cat.bias"], ignoreOrder: true);
        network.state_dict()["fc_cat.weight"].shape.ShouldBe([4, 1024]);
        network.Architecture.Word.ShouldBe("two-stream-resnet18-w64-s32");
    }

    [Fact]
    public void MeansOfBothStreamsCamsPlusBias_AreTheLogit()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new TwoStreamNetwork(Small, new Rng(3));
        var result = ClassActivation.ComputeStreams(network, Pairs());
        var bias = network.Classifier.Bias.data<float>().ToArray();
        result.Cams.Count.ShouldBe(2);
        for (var n = 0; n < 2; n++)
        {
            for (var c = 0; c < 4; c++)
                (result.Cams.Sum(stream => stream[n].Channel(c).ToArray().Average(v => (double)v)) + bias[c]).ShouldBe(result.Logits[n][c], 1e-5);
        }
    }

    [Fact]
    public void EachStream_SeesItsOwnImageOnly()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new TwoStreamNetwork(Small, new Rng(3));
        var pairs = Pairs();
        var swapped = torch.cat([pairs.split(3, 1)[0], torch.zeros(2, 3, 64, 64)], 1);
        var (whole, half) = (ClassActivation.ComputeStreams(network, pairs), ClassActivation.ComputeStreams(network, swapped));
        half.Cams[0][0].Values.ShouldBe(whole.Cams[0][0].Values);
        half.Cams[1][0].Values.ShouldNotBe(whole.Cams[1][0].Values);
    }

    [Fact]
    public void ArchitectureOfOneStream_IsWrittenAsBefore()
    {
        var one = Small with { TwoStream = false };
        one.ToJson().ShouldNotContain("twoStream");
        ClassifierArchitecture.FromJson(Small.ToJson()).ShouldBe(Small);
        Should.Throw<ArgumentException>(() => new TwoStreamNetwork(one, null));
        Should.Throw<ArgumentException>(() => new ResNet(Small, null));
    }

    private static torch.Tensor Pairs() => torch.cat([GoldenWeights.Input(5, 2, 64), GoldenWeights.Input(6, 2, 64)], 1);
}
