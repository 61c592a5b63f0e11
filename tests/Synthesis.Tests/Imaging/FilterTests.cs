using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class FilterTests
{
    [Theory]
    [InlineData("resize_down.png", 90, 70, 41, 33)]
    [InlineData("resize_up.png", 30, 20, 101, 64)]
    [InlineData("resize_rows.png", 60, 70, 60, 35)]
    public void Bicubic_EqualsPillow(string fixture, int width, int height, int newWidth, int newHeight)
    {
        var resized = PilResize.Bicubic(Pattern.Rough(width, height), newWidth, newHeight);
        resized.Pixels.ShouldBe(Pattern.Decoded(fixture).Pixels);
    }

    [Fact]
    public void BicubicOfPlane_EqualsPillow()
    {
        var resized = PilResize.Bicubic(Pattern.RoughPlane(14, 14), 14, 14, 80, 96);
        resized.ShouldBe(Pattern.RedOf(Pattern.Decoded("resize_plane.png")));
    }

    [Fact]
    public void BicubicToSameSize_CopiesThePlane()
    {
        var plane = Pattern.RoughPlane(9, 5);
        var resized = PilResize.Bicubic(plane, 5, 9, 5, 9);
        resized.ShouldBe(plane);
        resized.ShouldNotBeSameAs(plane);
    }

    [Fact]
    public void Bicubic_OfConstantPlane_IsConstant() =>
        PilResize.Bicubic(Enumerable.Repeat((byte)127, 14 * 14).ToArray(), 14, 14, 61, 272).ShouldAllBe(v => v == 127);

    [Fact]
    public void Bicubic_OfPlaneThatDoesNotFit_Throws() =>
        Should.Throw<ArgumentException>(() => PilResize.Bicubic(new byte[10], 3, 4, 8, 8)).Message.ShouldContain("needs 12 bytes, got 10");

    [Theory]
    [InlineData("clahe_padded.png", 128, 160, 3.0, 20, 30)]
    [InlineData("clahe_exact.png", 120, 90, 2.0, 4, 3)]
    public void ClaheOfPlane_EqualsOpenCv(string fixture, int width, int height, double clip, int tilesX, int tilesY)
    {
        var equalized = Clahe.Apply(Pattern.RoughPlane(width, height), height, width, clip, tilesX, tilesY);
        Pattern.LargestDifference(equalized, Pattern.RedOf(Pattern.Decoded(fixture))).ShouldBeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData("rough")]
    [InlineData("smooth")]
    public void ClaheOfColor_AgreesWithOpenCv(string name)
    {
        var input = name == "rough" ? Pattern.Rough(160, 150) : Pattern.Smooth(160, 150);
        var differences = Clahe.Apply(input).Pixels.Zip(Pattern.Decoded($"clahe_color_{name}.png").Pixels, (a, b) => Math.Abs(a - b)).ToArray();
        // A tie in LAB's a or b may round the other way, about once in 10,000 pixels, and costs up to 3 levels there.
        differences.Count(d => d > 2).ShouldBeLessThanOrEqualTo(differences.Length / 10_000);
        differences.Max().ShouldBeLessThanOrEqualTo(3);
        differences.Count(d => d == 0).ShouldBeGreaterThan(differences.Length * 9 / 10);
    }

    [Fact]
    public void Clahe_OfBlackImage_StaysUniform()
    {
        var equalized = Clahe.Apply(new RgbImage(64, 64));
        equalized.Pixels.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Median_EqualsOpenCv() =>
        MedianFilter.Apply(Pattern.Rough(41, 30)).Pixels.ShouldBe(Pattern.Decoded("median.png").Pixels);

    [Fact]
    public void Crop_FindsTheDisc_WhateverTheBorder()
    {
        var crop = FieldOfView.Crop(Disc(200, 120, centerX: 70, centerY: 60, radius: 40));
        (crop.Width, crop.Height).ShouldBe((crop.Width, crop.Width));
        crop.Width.ShouldBeInRange(78, 82);
        crop.Pixels[((crop.Width / 2 * crop.Width) + 1) * 3].ShouldBeGreaterThan((byte)100);
    }

    [Fact]
    public void Crop_OfDiscCutAboveAndBelow_PadsWithBlack()
    {
        var crop = FieldOfView.Crop(Disc(200, 100, centerX: 100, centerY: 50, radius: 70));
        crop.Width.ShouldBeInRange(138, 142);
        crop.Height.ShouldBe(crop.Width);
        crop.Pixels.Take(crop.Width * 3).ShouldAllBe(v => v == 0);
    }

    [Fact]
    public void Crop_WithoutDarkBorder_TakesTheCentralSquare()
    {
        var image = Pattern.Smooth(90, 70);
        var crop = FieldOfView.Crop(image);
        (crop.Width, crop.Height).ShouldBe((70, 70));
        crop.Pixels.Take(3).ShouldBe(image.Pixels.Skip(10 * 3).Take(3));
    }

    [Fact]
    public void Crop_OfBlackImage_TakesTheCentralSquare() =>
        FieldOfView.Crop(new RgbImage(80, 64)).Width.ShouldBe(64);

    [Fact]
    public void Heat_ShowsWhereTheMapIsHigh()
    {
        var gray = new RgbImage(64, 64, [.. Enumerable.Repeat((byte)100, 64 * 64 * 3)]);
        var map = new float[16];
        map[0] = 3;
        var heated = Overlay.Heat(gray, map, 4, 4);
        heated.Pixels[0].ShouldBeGreaterThan((byte)200);
        heated.Pixels[^1].ShouldBe((byte)100);
        Overlay.Heat(gray, new float[16], 4, 4).Pixels.ShouldBe(gray.Pixels);
        Should.Throw<ArgumentException>(() => Overlay.Heat(gray, [float.NaN], 1, 1));
    }

    private static RgbImage Disc(int width, int height, int centerX, int centerY, int radius)
    {
        var image = new RgbImage(width, height);
        for (var i = 0; i < width * height; i++)
        {
            var (dx, dy) = ((i % width) - centerX, (i / width) - centerY);
            var inside = (dx * dx) + (dy * dy) <= radius * radius;
            image.Pixels[i * 3] = (byte)(inside ? 180 : 4);
        }
        return image;
    }
}
