namespace Factory.Synthesis.Imaging;

/// <summary>Draws a map over an image.</summary>
public static class Overlay
{
    private const float Strongest = 0.75f;

    // Low to high: dark blue, cyan, yellow, red. Rows of R, G, B at equal steps.
    private static readonly float[][] Colors = [[0, 0, 128], [0, 160, 255], [255, 230, 0], [255, 0, 0]];

    /// <summary>Blends a map over an image as heat: blue where it is low through yellow to red where it is high, and the more opaque the higher.</summary>
    /// <param name="image">The image below; it is not changed.</param>
    /// <param name="map">Row-major values, <paramref name="height"/> * <paramref name="width"/> of them, of any range: they are stretched from their own least to their own greatest. A constant map shows nothing. Every value must be finite.</param>
    /// <param name="height">Rows of the map; they need not be the image's.</param>
    /// <param name="width">Columns of the map.</param>
    /// <returns>A new image of the image's size.</returns>
    /// <exception cref="ArgumentException">The map's length does not fit its sides, or a value is not finite.</exception>
    public static RgbImage Heat(RgbImage image, float[] map, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        if (height < 1 || width < 1 || map.Length != (long)height * width)
            throw new ArgumentException($"A {height}x{width} map needs {(long)height * width} values, got {map.Length}.", nameof(map));
        if (!map.All(float.IsFinite))
            throw new ArgumentException("The map holds a value that is not finite.", nameof(map));
        var (low, high) = (map.Min(), map.Max());
        var span = high - low;
        var result = new RgbImage(image.Width, image.Height);
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var value = Sample(map, height, width, (y + 0.5f) * height / image.Height, (x + 0.5f) * width / image.Width);
                var at = ((y * image.Width) + x) * 3;
                Blend(image.Pixels.AsSpan(at, 3), result.Pixels.AsSpan(at, 3), span > 0 ? (value - low) / span : 0);
            }
        }
        return result;
    }

    private static float Sample(float[] map, int height, int width, float row, float column)
    {
        var (y, x) = (Math.Clamp(row - 0.5f, 0, height - 1), Math.Clamp(column - 0.5f, 0, width - 1));
        var (top, left) = ((int)y, (int)x);
        var (bottom, right) = (Math.Min(top + 1, height - 1), Math.Min(left + 1, width - 1));
        var upper = float.Lerp(map[(top * width) + left], map[(top * width) + right], x - left);
        var lower = float.Lerp(map[(bottom * width) + left], map[(bottom * width) + right], x - left);
        return float.Lerp(upper, lower, y - top);
    }

    private static void Blend(ReadOnlySpan<byte> from, Span<byte> to, float heat)
    {
        heat = Math.Clamp(heat, 0, 1);
        var step = Math.Min((int)(heat * (Colors.Length - 1)), Colors.Length - 2);
        var within = (heat * (Colors.Length - 1)) - step;
        for (var c = 0; c < 3; c++)
        {
            var color = float.Lerp(Colors[step][c], Colors[step + 1][c], within);
            to[c] = (byte)(float.Lerp(from[c], color, heat * Strongest) + 0.5f);
        }
    }
}
