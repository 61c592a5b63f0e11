namespace Factory.Synthesis.Imaging;

/// <summary>
/// Antialiased bicubic resizing that gives the bytes of Pillow's <c>Image.resize(..., BICUBIC)</c>: cubic kernel with
/// a = -0.5 stretched by the reduction, a horizontal pass and then a vertical one, each in 22-bit fixed point and each rounded to 8 bits.
/// A pass whose length does not change is skipped.
/// </summary>
public static class PilResize
{
    private const int PrecisionBits = 32 - 8 - 2;
    private const int Half = 1 << (PrecisionBits - 1);

    /// <summary>Resizes one 8-bit plane.</summary>
    /// <param name="plane">Row-major bytes, <paramref name="height"/> * <paramref name="width"/> of them.</param>
    /// <param name="height">Rows of the plane, at least 1.</param>
    /// <param name="width">Columns of the plane, at least 1.</param>
    /// <param name="newHeight">Rows wanted, at least 1.</param>
    /// <param name="newWidth">Columns wanted, at least 1.</param>
    /// <returns>A new row-major plane of <paramref name="newHeight"/> * <paramref name="newWidth"/> bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">The plane's length does not fit its sides.</exception>
    public static byte[] Bicubic(ReadOnlySpan<byte> plane, int height, int width, int newHeight, int newWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (plane.Length != (long)height * width)
            throw new ArgumentException($"A {height}x{width} plane needs {(long)height * width} bytes, got {plane.Length}.", nameof(plane));
        return Resize(plane, height, width, newHeight, newWidth, channels: 1);
    }

    /// <summary>Resizes an RGB image, each channel by itself.</summary>
    /// <param name="image">The image.</param>
    /// <param name="newWidth">Width wanted, at least 1.</param>
    /// <param name="newHeight">Height wanted, at least 1.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public static RgbImage Bicubic(RgbImage image, int newWidth, int newHeight)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new RgbImage(newWidth, newHeight, Resize(image.Pixels, image.Height, image.Width, newHeight, newWidth, channels: 3));
    }

    private static byte[] Resize(ReadOnlySpan<byte> source, int height, int width, int newHeight, int newWidth, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newWidth, 1);
        var rows = newWidth == width ? source.ToArray() : Horizontal(source, height, width, newWidth, channels);
        return newHeight == height ? rows : Vertical(rows, height, newHeight, newWidth * channels);
    }

    private static byte[] Horizontal(ReadOnlySpan<byte> source, int height, int width, int newWidth, int channels)
    {
        var taps = Taps.For(width, newWidth);
        var result = new byte[checked(height * newWidth * channels)];
        for (var y = 0; y < height; y++)
        {
            var from = source.Slice(y * width * channels, width * channels);
            var to = result.AsSpan(y * newWidth * channels, newWidth * channels);
            for (var x = 0; x < newWidth; x++)
            {
                var weights = taps.Weights(x);
                var start = taps.Starts[x] * channels;
                for (var c = 0; c < channels; c++)
                {
                    var sum = Half;
                    for (int k = 0, at = start + c; k < weights.Length; k++, at += channels)
                        sum += from[at] * weights[k];
                    to[(x * channels) + c] = Clip(sum);
                }
            }
        }
        return result;
    }

    private static byte[] Vertical(ReadOnlySpan<byte> source, int height, int newHeight, int rowBytes)
    {
        var taps = Taps.For(height, newHeight);
        var result = new byte[checked(newHeight * rowBytes)];
        var sums = new int[rowBytes];
        for (var y = 0; y < newHeight; y++)
        {
            // Row by row rather than pixel by pixel: memory is read in order and the inner loop vectorizes.
            Array.Fill(sums, Half);
            var weights = taps.Weights(y);
            for (var k = 0; k < weights.Length; k++)
                Accumulate(sums, source.Slice((taps.Starts[y] + k) * rowBytes, rowBytes), weights[k]);
            var to = result.AsSpan(y * rowBytes, rowBytes);
            for (var i = 0; i < rowBytes; i++)
                to[i] = Clip(sums[i]);
        }
        return result;
    }

    private static void Accumulate(Span<int> sums, ReadOnlySpan<byte> row, int weight)
    {
        for (var i = 0; i < row.Length && i < sums.Length; i++)
            sums[i] += row[i] * weight;
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    /// <summary>Fixed-point weights of one pass: for each output position, where its window starts and what each input counts.</summary>
    private sealed class Taps
    {
        private readonly int[] _weights;
        private readonly int[] _counts;
        private readonly int _stride;

        private Taps(int outputs, int stride)
        {
            _stride = stride;
            _weights = new int[outputs * stride];
            _counts = new int[outputs];
            Starts = new int[outputs];
        }

        public int[] Starts { get; }

        public ReadOnlySpan<int> Weights(int output) => _weights.AsSpan(output * _stride, _counts[output]);

        public static Taps For(int inputs, int outputs)
        {
            var scale = (double)inputs / outputs;
            var stretch = Math.Max(scale, 1);
            var support = 2 * stretch;
            var taps = new Taps(outputs, ((int)Math.Ceiling(support) * 2) + 1);
            var real = new double[taps._stride];
            for (var i = 0; i < outputs; i++)
            {
                var center = (i + 0.5) * scale;
                var start = Math.Max((int)(center - support + 0.5), 0);
                var count = Math.Min((int)(center + support + 0.5), inputs) - start;
                var total = 0.0;
                for (var k = 0; k < count; k++)
                    total += real[k] = Cubic((k + start - center + 0.5) / stretch);
                for (var k = 0; k < count; k++)
                    taps._weights[(i * taps._stride) + k] = Fixed(real[k] / total);
                (taps.Starts[i], taps._counts[i]) = (start, count);
            }
            return taps;
        }

        private static int Fixed(double weight) => (int)((weight * (1 << PrecisionBits)) + (weight < 0 ? -0.5 : 0.5));

        private static double Cubic(double x)
        {
            const double a = -0.5;
            x = Math.Abs(x);
            if (x < 1)
                return ((((a + 2) * x) - (a + 3)) * x * x) + 1;
            return x < 2 ? ((((((x - 5) * x) + 8) * x) - 4) * a) : 0;
        }
    }
}
