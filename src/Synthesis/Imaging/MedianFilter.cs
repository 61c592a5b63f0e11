namespace Factory.Synthesis.Imaging;

/// <summary>The 3x3 median filter, each channel by itself, with the border pixels repeated outward; equal to OpenCV's <c>medianBlur(image, 3)</c>.</summary>
public static class MedianFilter
{
    /// <summary>Filters an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>A new image of the same size.</returns>
    public static RgbImage Apply(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var result = new RgbImage(image.Width, image.Height);
        Span<byte> window = stackalloc byte[9];
        for (var y = 0; y < image.Height; y++)
        {
            var above = Row(image, Math.Max(y - 1, 0));
            var here = Row(image, y);
            var below = Row(image, Math.Min(y + 1, image.Height - 1));
            for (var x = 0; x < image.Width; x++)
            {
                var (left, right) = (Math.Max(x - 1, 0) * 3, Math.Min(x + 1, image.Width - 1) * 3);
                for (var c = 0; c < 3; c++)
                {
                    (window[0], window[1], window[2]) = (above[left + c], above[(x * 3) + c], above[right + c]);
                    (window[3], window[4], window[5]) = (here[left + c], here[(x * 3) + c], here[right + c]);
                    (window[6], window[7], window[8]) = (below[left + c], below[(x * 3) + c], below[right + c]);
                    result.Pixels[(((y * image.Width) + x) * 3) + c] = Median(window);
                }
            }
        }
        return result;
    }

    private static ReadOnlySpan<byte> Row(RgbImage image, int y) => image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);

    /// <summary>Finds the median of nine: sort the rows; it is the median of the largest low, the median middle and the smallest high.</summary>
    private static byte Median(Span<byte> w)
    {
        for (var row = 0; row < 9; row += 3)
        {
            Order(ref w[row], ref w[row + 1]);
            Order(ref w[row + 1], ref w[row + 2]);
            Order(ref w[row], ref w[row + 1]);
        }
        var low = Math.Max(w[0], Math.Max(w[3], w[6]));
        var high = Math.Min(w[2], Math.Min(w[5], w[8]));
        return MiddleOf(low, MiddleOf(w[1], w[4], w[7]), high);
    }

    private static void Order(ref byte a, ref byte b) => (a, b) = (Math.Min(a, b), Math.Max(a, b));

    private static byte MiddleOf(byte a, byte b, byte c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
