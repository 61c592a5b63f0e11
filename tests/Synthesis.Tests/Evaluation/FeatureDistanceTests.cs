using System.Runtime.InteropServices;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Tests.Training;
using TorchSharp;

namespace Factory.Synthesis.Tests.Evaluation;

public sealed class FeatureDistanceTests
{
    [Fact]
    public void SetAgainstItself_IsAtNoFrechetDistance()
    {
        using var scope = torch.NewDisposeScope();
        var x = Normal(1, 20, 6, 0, 1);
        FeatureDistance.Frechet(x, x).ShouldBe(0, 1e-9);
        FeatureDistance.Frechet(x, x + 2).ShouldBe(6 * 4, 1e-9);
    }

    [Fact]
    public void Distances_AreThoseOfTheFormulas()
    {
        using var scope = torch.NewDisposeScope();
        // In one dimension the root is a number: (m - n)^2 + (s - t)^2 with deviations over N - 1.
        var (a, b) = (torch.tensor(new double[] { 1, 2, 3 }).reshape(3, 1), torch.tensor(new double[] { 5, 9 }).reshape(2, 1));
        FeatureDistance.Frechet(a, b).ShouldBe(25 + Math.Pow(1 - Math.Sqrt(8), 2), 1e-9);
        static double K(double x, double y) => Math.Pow((x * y) + 1, 3);
        var within = ((K(1, 2) + K(1, 3) + K(2, 3)) / 3) + K(5, 9);
        var across = new[] { 1.0, 2, 3 }.SelectMany(x => new[] { 5.0, 9 }.Select(y => K(x, y))).Average();
        FeatureDistance.Kernel(a, b).ShouldBe(within - (2 * across), 1e-6);
    }

    [Fact]
    public void Distances_GrowWithTheShift_AndKernelIsUnbiased()
    {
        using var scope = torch.NewDisposeScope();
        var a = Normal(1, 200, 4, 0, 1);
        var distances = new[] { 0.0, .5, 1, 2 }.Select(shift => Normal(2, 200, 4, shift, 1)).Select(b => (FeatureDistance.Frechet(a, b), FeatureDistance.Kernel(a, b))).ToArray();
        distances.Select(d => d.Item1).ShouldBeInOrder();
        distances.Select(d => d.Item2).ShouldBeInOrder();
        Math.Abs(distances[0].Item2).ShouldBeLessThan(.1);
    }

    [Fact]
    public void Features_AreOneRowAnImage_AndLeaveNothingBehind()
    {
        using var network = new ResNet(new ClassifierArchitecture { Categories = 3, Width = 4, Size = 64 }, new Rng(1));
        RgbImage[] images = [.. Enumerable.Range(0, 3).Select(i => DrawnSets.Pairs(3, 80).Load(i).Image)];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var features = FeatureDistance.Features(network, images, batchSize: 2))
        {
            features.shape.ShouldBe([3, network.Architecture.FeatureChannels]);
            Should.Throw<ArgumentException>(() => FeatureDistance.Kernel(features, features[0])).Message.ShouldContain("[N, C]");
        }

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBeLessThanOrEqualTo(before + 1);
        network.training.ShouldBeTrue();
    }

    private static torch.Tensor Normal(ulong seed, int count, int channels, double mean, double deviation)
    {
        var rng = new Rng(seed);
        var tensor = torch.empty([count, channels], torch.ScalarType.Float64);
        foreach (ref var value in MemoryMarshal.Cast<byte, double>(tensor.bytes))
            value = mean + (deviation * rng.NextGaussian());
        return tensor;
    }
}
