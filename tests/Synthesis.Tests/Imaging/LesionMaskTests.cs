using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

public sealed class LesionMaskTests
{
    [Theory]
    [InlineData(255, 255, 255, 0)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(76, 0, 0, 0)]
    [InlineData(250, 250, 250, 12)]
    public void HoweverAMaskIsWritten_ItMeansTheSame(byte red, byte green, byte blue, byte noise)
    {
        RgbImage mask = new(80, 64);
        mask.Pixels.AsSpan().Fill(noise);
        for (int row = 2; row < 5; row++)
        {
            for (int column = 4; column < 10; column++) new[] { red, green, blue }.CopyTo(mask.Pixels, ((row * 80) + column) * 3);
        }

        (byte[] png, int width, int height) = LesionMask.Prepare(mask, null, null);

        (width, height).ShouldBe((80, 64));
        RgbImage prepared = ImageDecoder.Decode(png);
        prepared.Pixels.Count(value => value == 255).ShouldBe(3 * 6 * 3);
        prepared.Pixels.Count(value => value == 0).ShouldBe((80 * 64 * 3) - (3 * 6 * 3));
        prepared.Pixels[((2 * 80) + 4) * 3].ShouldBe((byte)255);
    }

    [Fact]
    public void MaskFollowsItsImage_ThroughCropAndResize()
    {
        // A lit disc off the middle of a dark picture, with a bright lesion in it that the mask marks.
        RgbImage image = new(120, 80), mask = new(120, 80);
        for (int y = 0; y < 80; y++)
        {
            for (int x = 0; x < 120; x++)
            {
                bool inLesion = x is >= 70 and < 80 && y is >= 30 and < 40;
                if (Math.Pow(x - 65, 2) + Math.Pow(y - 41, 2) < 34 * 34) image.Pixels.AsSpan(((y * 120) + x) * 3, 3).Fill(inLesion ? (byte)255 : (byte)60);
                if (inLesion) mask.Pixels.AsSpan(((y * 120) + x) * 3, 3).Fill(255);
            }
        }
        RgbImage cropped = PilResize.Bicubic(FieldOfView.Crop(image), 64, 64);

        (byte[] png, _, _) = LesionMask.Prepare(mask, FieldOfView.Find(image), 64);

        RgbImage prepared = ImageDecoder.Decode(png);
        (prepared.Width, prepared.Height).ShouldBe((64, 64));
        int lesion = cropped.Pixels.Count(value => value > 157), differing = Enumerable.Range(0, 64 * 64 * 3).Count(at => cropped.Pixels[at] > 157 != prepared.Pixels[at] > 127);
        lesion.ShouldBeInRange(3 * 64, 3 * 100);
        differing.ShouldBeLessThan(3 * 8, "only pixels of the lesion's edge may round otherwise");
    }

    [Fact]
    public void BlackMask_StaysBlack() => ImageDecoder.Decode(LesionMask.Prepare(new RgbImage(64, 64), null, null).Png).Pixels.ShouldAllBe(value => value == 0);
}
