using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Training;

/// <summary>Standard augmentation as published: what is drawn how often and how far, and what each draw does to an image.</summary>
public sealed class AugmenterTests
{
    private const int Side = 20;
    private const int Area = Side * Side;

    private static readonly Augmenter.Draw[] Drawn = Draws(Augmenter.Draw.Paper);

    [Fact]
    public void Rotation_IsEveryWholeDegreeAlike()
    {
        Drawn.ShouldAllBe(draw => draw.Degrees == Math.Floor(draw.Degrees) && draw.Degrees >= 0 && draw.Degrees < 360);
        Drawn.Select(draw => draw.Degrees).Distinct().Count().ShouldBe(360);
        Drawn.Average(draw => draw.Degrees).ShouldBe(179.5, 4);
    }

    [Fact]
    public void Crop_TakesUpToFivePercentOfEachSide_FortyTimesInAHundred()
    {
        Drawn.Average(draw => Cropped(draw) ? 1.0 : 0).ShouldBe(0.4, 0.02);
        foreach (Func<Augmenter.Draw, double> side in new Func<Augmenter.Draw, double>[] { draw => draw.Left, draw => draw.Right, draw => draw.Top, draw => draw.Bottom })
        {
            Drawn.Max(side).ShouldBeInRange(0.0495, 0.05);
            Drawn.Where(Cropped).Average(side).ShouldBe(0.025, 0.001);
        }

        static bool Cropped(Augmenter.Draw draw) => draw.Left + draw.Right + draw.Top + draw.Bottom > 0;
    }

    [Fact]
    public void FlipAndZoom_AreDrawnHalfTheTimes_ZoomUpToFivePercent()
    {
        Drawn.Average(draw => draw.Flip ? 1.0 : 0).ShouldBe(0.5, 0.02);
        Drawn.Average(draw => draw.Zoom > 1 ? 1.0 : 0).ShouldBe(0.5, 0.02);
        Drawn.Min(draw => draw.Zoom).ShouldBe(1);
        Drawn.Max(draw => draw.Zoom).ShouldBeInRange(1.0495, 1.05);
    }

    [Fact]
    public void Colors_ChangeByFactorsOfSevenTenthsToThirteenTenths()
    {
        foreach (Func<Augmenter.Draw, double> factor in new Func<Augmenter.Draw, double>[] { draw => draw.Brightness, draw => draw.Contrast, draw => draw.Saturation })
        {
            Drawn.Min(factor).ShouldBeInRange(0.7 - 1e-6, 0.701);
            Drawn.Max(factor).ShouldBeInRange(1.299, 1.3 + 1e-6);
            Drawn.Average(factor).ShouldBe(1, 0.01);
        }
    }

    [Fact]
    public void Light_StaysWithinTenDegreesAndATenth()
    {
        Augmenter.Draw[] light = Draws(Augmenter.Draw.Light);
        light.ShouldAllBe(draw => Math.Abs(draw.Degrees) <= 10 && draw.Zoom == 1 && draw.Left + draw.Right + draw.Top + draw.Bottom == 0);
        light.Max(draw => (double)draw.Contrast).ShouldBeInRange(1.099, 1.1 + 1e-6);
    }

    [Fact]
    public void None_LeavesTheImageAsTheNetworkSeesIt()
    {
        var image = Noise();
        var planes = new float[3 * Area];
        Augmenter.Write(image, Augmentation.None, new Rng(1), planes);
        for (var i = 0; i < image.Pixels.Length; i++)
            planes[((i % 3) * Area) + (i / 3)].ShouldBe((image.Pixels[i] / 255f * 2) - 1, 1e-6f);
        Resampled(image, Augmenter.Draw.Nothing).ShouldBe(Levels(image), 1e-6f);
    }

    [Fact]
    public void QuarterTurns_MovePixelsOntoPixels()
    {
        var image = Noise();
        var turned = Resampled(image, Augmenter.Draw.Nothing with { Degrees = 90 });
        var back = Resampled(image, Augmenter.Draw.Nothing with { Degrees = 180 });
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                turned[(y * Side) + x].ShouldBe(At(image, Side - 1 - y, x), 1e-4f);
                back[(y * Side) + x].ShouldBe(At(image, Side - 1 - x, Side - 1 - y), 1e-4f);
            }
        }
    }

    [Fact]
    public void SkewTurn_FillsCornersWithBlack()
    {
        var white = Filled(255, 255, 255);
        var turned = Resampled(white, Augmenter.Draw.Nothing with { Degrees = 45 });
        new[] { turned[0], turned[Side - 1], turned[Area - Side], turned[Area - 1] }.ShouldAllBe(corner => corner == 0);
        turned[(Side / 2 * Side) + (Side / 2)].ShouldBe(1, 1e-5f);
    }

    [Fact]
    public void Flip_MirrorsRows()
    {
        var image = Noise();
        var flipped = Resampled(image, Augmenter.Draw.Nothing with { Flip = true });
        for (var i = 0; i < Area; i++)
            flipped[i].ShouldBe(At(image, Side - 1 - (i % Side), i / Side), 1e-5f);
    }

    [Fact]
    public void Crop_StretchesWhatIsLeft_AndZoomWhatIsAboutTheCenter()
    {
        // A gradient: after the crop of a tenth on the left it spans its upper nine tenths.
        var gradient = new RgbImage(Side, Side);
        for (var i = 0; i < gradient.Pixels.Length; i++)
            gradient.Pixels[i] = (byte)(i / 3 % Side * 10);
        var cropped = Resampled(gradient, Augmenter.Draw.Nothing with { Left = 0.1 });
        var zoomed = Resampled(gradient, Augmenter.Draw.Nothing with { Zoom = 1.25 });
        for (var x = 1; x < Side - 1; x++)
        {
            var centered = x - ((Side - 1) / 2.0);
            (cropped[(5 * Side) + x] * 255).ShouldBe((float)(10 * ((centered * 0.9) + 1 + ((Side - 1) / 2.0))), 0.01f);
            (zoomed[(5 * Side) + x] * 255).ShouldBe((float)(10 * ((centered / 1.25) + ((Side - 1) / 2.0))), 0.01f);
        }
    }

    [Fact]
    public void Brightness_Multiplies_ContrastSpreadsAboutMeanGray_SaturationAboutEachGray()
    {
        float[] planes = [.. Enumerable.Repeat(0.5f, 2), .. Enumerable.Repeat(0.2f, 2), 0.1f, 0.9f];
        Recolored(planes, Augmenter.Draw.Nothing with { Brightness = 1.3f }).ShouldBe([0.65f, 0.65f, 0.26f, 0.26f, 0.13f, 1f], 1e-5f);
        float Gray(float blue) => (0.299f * 0.5f) + (0.587f * 0.2f) + (0.114f * blue);
        var mean = (Gray(0.1f) + Gray(0.9f)) / 2;
        float Spread(float value, float about, float factor) => Math.Clamp(about + (factor * (value - about)), 0, 1);
        Recolored(planes, Augmenter.Draw.Nothing with { Contrast = 0.7f }).ShouldBe([.. planes.Select(value => Spread(value, mean, 0.7f))], 1e-5f);
        Recolored(planes, Augmenter.Draw.Nothing with { Saturation = 1.3f }).ShouldBe(
            [.. planes.Select((value, i) => Spread(value, Gray(i % 2 == 0 ? 0.1f : 0.9f), 1.3f))], 1e-5f);
    }

    private static Augmenter.Draw[] Draws(Func<Rng, Augmenter.Draw> draw)
    {
        var rng = new Rng(17);
        return [.. Enumerable.Range(0, 10_000).Select(_ => draw(rng))];
    }

    private static float[] Recolored(float[] planes, Augmenter.Draw draw)
    {
        float[] changed = [.. planes];
        Augmenter.Recolor(draw, changed, planes.Length / 3);
        return changed;
    }

    // The red plane.
    private static float[] Resampled(RgbImage image, Augmenter.Draw draw)
    {
        var planes = new float[3 * Area];
        Augmenter.Resample(image, draw, planes);
        return planes[..Area];
    }

    private static float[] Levels(RgbImage image) => [.. Enumerable.Range(0, Area).Select(i => At(image, i % Side, i / Side))];

    private static float At(RgbImage image, int x, int y) => image.Pixels[((y * Side) + x) * 3] * (1 / 255f);

    private static RgbImage Filled(byte red, byte green, byte blue)
    {
        var image = new RgbImage(Side, Side);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = new[] { red, green, blue }[i % 3];
        return image;
    }

    private static RgbImage Noise()
    {
        var rng = new Rng(4);
        var image = new RgbImage(Side, Side);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)rng.NextInt(256);
        return image;
    }
}
