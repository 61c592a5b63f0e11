using CsCheck;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Networks;
using TorchSharp;

namespace Factory.Synthesis.Tests.Cams;

public sealed class ClassActivationTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(8)]
    public void MeanOfCamPlusBias_IsTheLogit(int stride)
    {
        using var network = new ResNet(new ClassifierArchitecture { Categories = 4, Width = 8, Size = 64, OutputStride = stride }, new Rng(3));
        using var batch = Batch(2, 64);
        var result = ClassActivation.Compute(network, batch);
        var bias = BiasOf(network);
        for (var n = 0; n < 2; n++)
        {
            for (var c = 0; c < 4; c++)
            {
                var mean = result.Cams[n].Channel(c).ToArray().Average(v => (double)v);
                (mean + bias[c]).ShouldBe(result.Logits[n][c], 1e-5);
            }

            result.Probabilities[n].Sum().ShouldBe(1, 1e-5f);
        }
    }

    [Fact]
    public void Compute_LeavesNoTensor_AndRestoresTheMode()
    {
        using var network = new ResNet(new ClassifierArchitecture { Categories = 4, Width = 4, Size = 64 }, new Rng(3));
        using var batch = Batch(1, 64);
        network.train();
        ClassActivation.Compute(network, batch);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ClassActivation.Compute(network, batch);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
        network.training.ShouldBeTrue();
    }

    [Fact]
    public void ConditionMap_SquashesTruncatesAndDropsTheBackground()
    {
        var cam = new Cam(3, 1, 2, [9, 9, 0, 1000, -1000, 10]);
        var map = ConditionMap.FromCam(cam, 0);
        map.Channels.ShouldBe(2);
        map.Values.ShouldBe([127, 255, 0, (byte)Math.Floor(255 / (1 + Math.Exp(-1)))]);
        ConditionMap.FromCam(cam, 2).Values[..2].ShouldBe([(byte)Math.Floor(255 / (1 + Math.Exp(-.9))), (byte)Math.Floor(255 / (1 + Math.Exp(-.9)))]);
        Should.Throw<ArgumentOutOfRangeException>(() => ConditionMap.FromCam(cam, 3));
    }

    [Fact]
    public void ConditionMap_IsMonotonicInTheCam() =>
        Gen.Select(Gen.Float[-200, 200], Gen.Float[-200, 200]).Sample((a, b) =>
        {
            var map = ConditionMap.FromCam(new Cam(2, 1, 2, [0, 0, Math.Min(a, b), Math.Max(a, b)]));
            return map.Values[0] <= map.Values[1];
        });

    [Fact]
    public void ConstantMap_StaysConstantWhenResized()
    {
        var map = new ConditionMap(2, 4, 4, [.. Enumerable.Repeat((byte)127, 16), .. Enumerable.Repeat((byte)3, 16)]);
        var resized = map.Resize(64);
        resized.Values.Take(64 * 64).ShouldAllBe(v => v == 127);
        resized.Values.Skip(64 * 64).ShouldAllBe(v => v == 3);
        using var tensor = ConditionMap.ToTensor([resized]);
        tensor.shape.ShouldBe([1, 2, 64, 64]);
        tensor[0, 0, 0, 0].item<float>().ShouldBe(((127 / 255f) - .5f) / .5f);
    }

    [Fact]
    public void NonFiniteCam_IsRefused() => Should.Throw<ArgumentException>(() => new Cam(2, 1, 1, [0, float.NaN]));

    private static torch.Tensor Batch(int count, int size)
    {
        using var scope = torch.NewDisposeScope();
        var generator = new torch.Generator(4);
        return torch.rand([count, 3, size, size], generator: generator).MoveToOuterDisposeScope();
    }

    private static float[] BiasOf(ResNet network) => network.Classifier.Bias.data<float>().ToArray();
}
