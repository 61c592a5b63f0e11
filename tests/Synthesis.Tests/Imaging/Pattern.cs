using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Tests.Imaging;

/// <summary>The inputs of tests/fixtures/imaging/make_fixtures.py, by the same formulas, and its outputs.</summary>
internal static class Pattern
{
    public static readonly DecodeLimits AnySize = new() { MinSide = 1 };

    public static RgbImage Rough(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = Rough(i / 3 % width, i / 3 / width, i % 3);
        return image;
    }

    public static byte[] RoughPlane(int width, int height) =>
        [.. Enumerable.Range(0, width * height).Select(i => Rough(i % width, i / width, 0))];

    public static RgbImage Smooth(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (var i = 0; i < width * height; i++)
        {
            var (x, y) = (i % width, i / width);
            image.Pixels[i * 3] = (byte)((x * 200 / width) + 30);
            image.Pixels[(i * 3) + 1] = (byte)((y * 200 / height) + 20);
            image.Pixels[(i * 3) + 2] = (byte)(((x + y) * 120 / (width + height)) + 60);
        }
        return image;
    }

    public static byte[] Bytes(string fixture) => File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "tests", "fixtures", "imaging", fixture));

    public static RgbImage Decoded(string fixture) => ImageDecoder.Decode(Bytes(fixture), AnySize);

    public static byte[] RedOf(RgbImage image) => [.. image.Pixels.Where((_, i) => i % 3 == 0)];

    public static int LargestDifference(byte[] a, byte[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }

    public static double MeanDifference(byte[] a, byte[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
    }

    private static byte Rough(int x, int y, int c)
    {
        var ramp = ((x * 2) + y + (c * 30)) % 256;
        var texture = (((x * x * 7) + (y * y * 13) + (x * y * (5 + (c * 4)))) >> 4) & 255;
        return (byte)(((ramp * 3) + texture) / 4);
    }
}
