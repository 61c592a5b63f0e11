using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Training;

namespace Factory.Synthesis.Tests.Training;

/// <summary>Small drawn images: a bright disc whose color is its category, on noise.</summary>
internal static class DrawnSets
{
    internal static ImageSet Images(int count, int categories, int side, ulong seed) => ImageSet.Of([.. Enumerable.Range(0, count).Select(i => (Image(side, i % categories, seed + (ulong)i), i % categories))]);

    internal static PairedSet Pairs(int count, int side) => new(count, i => (Condition(i), Image(side, i % 3, (ulong)i)));

    internal static ConditionMap Condition(int i)
    {
        var values = Enumerable.Repeat((byte)100, 2 * 4 * 4).ToArray();
        values[(i * 5) % values.Length] = 250;
        return new ConditionMap(2, 4, 4, values);
    }

    private static RgbImage Image(int side, int category, ulong seed)
    {
        var rng = new Rng(seed);
        var image = new RgbImage(side, side);
        var (x, y) = (side * rng.NextDouble(.3, .7), side * rng.NextDouble(.3, .7));
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var inside = Math.Pow((i / 3 % side) - x, 2) + Math.Pow((i / 3 / side) - y, 2) < side * side / 20.0;
            image.Pixels[i] = (byte)(rng.NextInt(60) + (inside && i % 3 == category % 3 ? 180 : 0));
        }

        return image;
    }
}
