using Factory.Synthesis.Evaluation;
using TorchSharp;

namespace Factory.Synthesis.Tests.Evaluation;

public sealed class PrecisionRecallTests
{
    [Fact]
    public void EqualClouds_AreCovered_AndDistantOnesAreNot()
    {
        var a = Cloud(1, 300, 0, 1);
        PrecisionRecall.Of(a, a).ShouldBe(new PrecisionRecall(1, 1));
        var same = PrecisionRecall.Of(a, Cloud(2, 300, 0, 1));
        same.Precision.ShouldBeInRange(0.85, 1);
        same.Recall.ShouldBeInRange(0.85, 1);
        PrecisionRecall.Of(a, Cloud(2, 300, 50, 1)).ShouldBe(new PrecisionRecall(0, 0));
    }

    [Fact]
    public void NarrowCloud_IsPreciseAndForgets_WideOneTheOtherWayRound()
    {
        var real = Cloud(1, 400, 0, 1);
        var narrow = PrecisionRecall.Of(real, Cloud(2, 400, 0, 0.2));
        narrow.Precision.ShouldBeGreaterThan(0.95);
        narrow.Recall.ShouldBeLessThan(0.4);
        var wide = PrecisionRecall.Of(real, Cloud(2, 400, 0, 4));
        wide.Precision.ShouldBeLessThan(0.4);
        wide.Recall.ShouldBeGreaterThan(0.8);
    }

    [Fact]
    public void DroppedMode_CostsRecall_InventedOneCostsPrecision()
    {
        // Half of the real images lie where nothing is generated, and the other way round.
        var (here, there) = (Rows(1, 200, 0, 1), Rows(2, 200, 50, 1));
        var other = Rows(3, 200, 0, 1);
        var dropped = PrecisionRecall.Of(new FeatureSet([.. here, .. there]), new FeatureSet(other));
        dropped.Precision.ShouldBeGreaterThan(0.85);
        dropped.Recall.ShouldBeInRange(0.42, 0.5);
        var invented = PrecisionRecall.Of(new FeatureSet(here), new FeatureSet([.. other, .. there]));
        invented.Precision.ShouldBeInRange(0.42, 0.5);
        invented.Recall.ShouldBeGreaterThan(0.85);
    }

    [Fact]
    public void Radius_IsTheDistanceToTheThirdNearestOther()
    {
        // On a line: 0 1 2 3 and 10; the third nearest other is 3 away from 0 and 3, 2 away from 1 and 2, 9 away from 10.
        var real = Line(0, 1, 2, 3, 10);
        // 5.9 lies within 3's ball, 6.1 within that of 10, whose radius is 9; 19.1 in none.
        PrecisionRecall.Of(real, Line(5.9f, 6.1f, 19.1f, 19.2f)).Precision.ShouldBe(0.5);
        PrecisionRecall.Of(Line(0, 1, 2, 3), Line(5.9f, 6.1f, 19.1f, 19.2f)).Precision.ShouldBe(0.25);
        Should.Throw<ArgumentException>(() => PrecisionRecall.Of(real, Line(1, 2, 3))).Message.ShouldContain("more than 3 images");
    }

    [Fact]
    public void FrechetOfEqualSets_IsZero_AndKernelIsUnbiased()
    {
        using var scope = torch.NewDisposeScope();
        var x = Cloud(1, 60, 0, 1).ToTensor();
        FeatureDistance.Frechet(x, x).ShouldBe(0, 1e-9);
        // Small sets of one distribution: the mean over many pairs of them is 0 within its own error; a biased estimate would be far above it.
        double[] estimates = [.. Enumerable.Range(0, 200).Select(pair =>
        {
            using var inner = torch.NewDisposeScope();
            return FeatureDistance.Kernel(Cloud((ulong)((2 * pair) + 10), 10, 0, 1).ToTensor(), Cloud((ulong)((2 * pair) + 11), 10, 0, 1).ToTensor());
        })];
        var error = Math.Sqrt(estimates.Select(value => Math.Pow(value - estimates.Average(), 2)).Average() / estimates.Length);
        Math.Abs(estimates.Average()).ShouldBeLessThan(4 * error);
        estimates.ShouldContain(value => value < 0);
        estimates.ShouldContain(value => value > 0);
    }

    [Fact]
    public void NearestDistances_AreThoseOfAPlainSum()
    {
        var set = Cloud(1, 50, 0, 1, channels: 21);
        var query = Rows(9, 1, 0, 1, channels: 21)[0];
        var expected = Enumerable.Range(0, 50).Min(i => Math.Sqrt(Enumerable.Range(0, 21).Sum(c => Math.Pow(set.Row(i)[c] - query[c], 2))));
        set.NearestTo(query).ShouldBe(expected, 1e-5);
        set.NearestTo(set.Row(7)).ShouldBe(0);
        set.NearestTo(set.Row(7), except: 7).ShouldBeGreaterThan(0);
        Line(0, 1, 3, 7).MedianNearest(10).ShouldBe(1.5, 1e-9, "1, 1, 2 and 4");
        Should.Throw<InvalidOperationException>(() => Line(1).MedianNearest(10));
    }

    [Fact]
    public void Spread_IsEvenAndWithoutRepetition()
    {
        Quantiles.Spread(3, 10).ShouldBe([0, 1, 2]);
        Quantiles.Spread(10, 4).ShouldBe([0, 2, 5, 7]);
        Quantiles.Spread(0, 4).ShouldBeEmpty();
        Quantiles.Of([1, 2, 4], 0.75).ShouldBe(3);
        Quantiles.Median([4, 1, 2]).ShouldBe(2);
    }

    private static FeatureSet Line(params float[] places) => new([.. places.Select(place => new[] { place })]);

    private static FeatureSet Cloud(ulong seed, int count, double mean, double deviation, int channels = 4) => new(Rows(seed, count, mean, deviation, channels));

    private static float[][] Rows(ulong seed, int count, double mean, double deviation, int channels = 4)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, channels).Select(_ => (float)(mean + (deviation * rng.NextGaussian()))).ToArray())];
    }
}
