using Factory.Synthesis.Cams;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Phantoms;
using TorchSharp;

namespace Factory.Synthesis.Tests.Evaluation;

/// <summary>Each measure against images whose answer is known.</summary>
public sealed class QualityTests
{
    private const int Side = 96;

    [Fact]
    public void Sharpness_IsTheVarianceOfTheLaplacian()
    {
        // One bright pixel of 10 in the middle of 5x5: of the nine inner pixels one has -40, four have 10, four have 0.
        var image = new RgbImage(5, 5);
        image.Pixels.AsSpan(((2 * 5) + 2) * 3, 3).Fill(10);
        var expected = ((40.0 * 40) + (4 * 10 * 10)) / 9;
        Sharpness.Of(image, litOnly: false).ShouldBe(expected, 1e-9);
        Sharpness.Of(image, litOnly: true).ShouldBe(0, "nothing of it is lit");
        Sharpness.Of(new RgbImage(2, 2), litOnly: false).ShouldBe(0);
    }

    [Fact]
    public void BlurredImage_IsLessSharp_HoweverBlackItsSurroundings()
    {
        var image = Fundus(1);
        // Down to a third and up again: what is finer than that is gone.
        var blurred = PilResize.Bicubic(PilResize.Bicubic(image, Side / 3, Side / 3), Side, Side);
        (Sharpness.Of(blurred, litOnly: true) / Sharpness.Of(image, litOnly: true)).ShouldBeLessThan(0.5);
        // The edge of the disc is no part of it: a flat disc has no sharpness, though its edge is sharp.
        Sharpness.Of(Disc(Side, Side / 3), litOnly: true).ShouldBe(0);
        Sharpness.Of(Disc(Side, Side / 3), litOnly: false).ShouldBeGreaterThan(100);
    }

    [Fact]
    public void FieldOfView_IsTheLitPartOfTheInscribedCircle()
    {
        FieldOfView.LitFraction(new RgbImage(Side, Side)).ShouldBe(0);
        FieldOfView.LitFraction(Disc(Side, Side / 2.0)).ShouldBe(1, 1e-9);
        FieldOfView.LitFraction(Disc(Side, Side / 4.0)).ShouldBe(0.25, 0.01);
        FieldOfView.LitFraction(FieldOfView.Crop(Fundus(2))).ShouldBeGreaterThan(0.9);
        // The lower half covered, as by a lid.
        var masked = Disc(Side, Side / 2.0);
        masked.Pixels.AsSpan(Side / 2 * Side * 3).Clear();
        FieldOfView.LitFraction(masked).ShouldBe(0.5, 0.01);
    }

    [Fact]
    public void CamConsistency_IsOneForWhatWasAsked_AndLowWhenShuffled()
    {
        var asked = Bumps(seed: 1);
        CamConsistency.Of(asked, asked, 2, 0).ShouldBe(1, 1e-9);
        CamConsistency.Of(asked, Scaled(asked, 3, 7), 2, 0).ShouldBe(1, 1e-6, "a classifier's scale and offset are its own");
        CamConsistency.Of(asked, Scaled(asked, -1, 0), 2, 0).ShouldBe(-1, 1e-6);
        Math.Abs(CamConsistency.Of(asked, Shuffled(asked), 2, 0)).ShouldBeLessThan(0.35);
        CamConsistency.Of(asked, Scaled(asked, 0, 4), 2, 0).ShouldBe(0, "what is the same everywhere agrees with nothing");
    }

    [Fact]
    public void CamConsistencyOfTheBackground_IsThatOfTheChannelsShown()
    {
        var asked = Bumps(seed: 1);
        var values = asked.Values.ToArray();
        var area = asked.Height * asked.Width;
        for (var i = 0; i < area; i++)
            values[area + i] = -values[area + i];
        var seen = new Cam(3, asked.Height, asked.Width, values);
        CamConsistency.Of(asked, seen, 0, 0).ShouldBe(0, 1e-9, "one of two channels agrees, the other is its opposite");
        CamConsistency.Of(asked, seen, 2, 0).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void FinerGrid_IsResampledToTheOneAskedFor()
    {
        static Cam Ramp(int side) => new(2, side, side, [.. Enumerable.Range(0, 2 * side * side).Select(i => (i % side) / (float)side)]);
        CamConsistency.Of(Ramp(8), Ramp(16), 1, 0).ShouldBeGreaterThan(0.999);
        CamConsistency.Of(Ramp(8), Ramp(5), 1, 0).ShouldBeGreaterThan(0.99);
        Should.Throw<ArgumentException>(() => CamConsistency.Of(Bumps(1), Ramp(8), 1, 0)).Message.ShouldContain("different category lists");
    }

    [Fact]
    public void Judgement_IsWhatTheNetworkSaysAloneAndInABatch_AndLeavesNothingBehind()
    {
        using var network = new ResNet(new ClassifierArchitecture { Categories = 3, Width = 8, OutputStride = 8, Size = 64 }, new Rng(1));
        RgbImage[] images = [Fundus(1), Fundus(2), Fundus(3)];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var judged = Judging.Judge(network, images);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
        using (var features = FeatureDistance.Features(network, images))
            judged[1].Features.Select(value => (double)value).ShouldBe(features[1].data<double>().ToArray());
        judged.ShouldAllBe(one => Math.Abs(one.Probabilities.Sum() - 1) < 1e-5 && one.Cam.K == 3 && one.Cam.Height == 8);

        // A copy of a training image is at no distance from it, and nearer than any other.
        var training = new FeatureSet([.. judged.Select(one => one.Features)]);
        training.NearestTo(judged[2].Features).ShouldBe(0);
        training.NearestTo(Judging.Judge(network, [Fundus(3)])[0].Features).ShouldBe(0, 1e-4 * training.MedianNearest(10));
        (training.NearestTo(Judging.Judge(network, [Fundus(9)])[0].Features) / training.MedianNearest(10)).ShouldBeGreaterThan(0.1);
    }

    private static RgbImage Fundus(int subject) => PhantomRenderer.Draw(new() { Seed = 5, Subject = subject, Eye = PhantomEye.Left, Category = 1, Modality = PhantomModality.Cfp, Size = Side }).Image;

    private static RgbImage Disc(int side, double radius)
    {
        var image = new RgbImage(side, side);
        for (var i = 0; i < side * side; i++)
        {
            var (x, y) = ((i % side) + 0.5 - (side / 2.0), (i / side) + 0.5 - (side / 2.0));
            if ((x * x) + (y * y) <= radius * radius)
                image.Pixels.AsSpan(i * 3, 3).Fill(180);
        }
        return image;
    }

    private static Cam Bumps(ulong seed)
    {
        var rng = new Rng(seed);
        return new Cam(3, 12, 12, [.. Enumerable.Range(0, 3 * 144).Select(_ => (float)rng.NextGaussian())]);
    }

    private static Cam Scaled(Cam cam, float factor, float offset) => new(cam.K, cam.Height, cam.Width, [.. cam.Values.Select(value => (factor * value) + offset)]);

    private static Cam Shuffled(Cam cam)
    {
        var rng = new Rng(7);
        return new Cam(cam.K, cam.Height, cam.Width, [.. cam.Values.OrderBy(_ => rng.NextUInt64())]);
    }
}
