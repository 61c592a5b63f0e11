namespace Factory.Synthesis.Imaging;

/// <summary>An 8-bit sRGB image in memory: rows from the top, pixels from the left, three bytes (R, G, B) each, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Makes a black image.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public RgbImage(int width, int height)
        : this(width, height, new byte[ByteCount(width, height)])
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Interleaved RGB, row-major, exactly width * height * 3 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <exception cref="ArgumentException">The length of <paramref name="pixels"/> does not fit the sides.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var expected = ByteCount(width, height);
        if (pixels.Length != expected)
            throw new ArgumentException($"A {width}x{height} RGB image needs {expected} bytes, got {pixels.Length}.", nameof(pixels));
        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels: interleaved RGB, row-major, <see cref="Width"/> * <see cref="Height"/> * 3 bytes in [0, 255]. Not a copy.</summary>
    public byte[] Pixels { get; }

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return checked(width * height * 3);
    }
}
