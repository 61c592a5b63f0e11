namespace Factory.Synthesis.Imaging;

/// <summary>The layout in which the planes of a condition map stand in one PNG, and its reader.</summary>
public static class PlanesPng
{
    private static readonly DecodeLimits AnySide = new() { MinSide = 1 };

    /// <summary>Reads back what <see cref="ImageEncoder.EncodePlanesPng"/> wrote.</summary>
    /// <param name="png">The file's bytes.</param>
    /// <param name="planeCount">The number of planes it was written with.</param>
    /// <returns>uint8 [planeCount, Height, Width], row-major, and the sides of a plane.</returns>
    /// <exception cref="ImageRejectedException">The bytes are no readable PNG, or their width does not divide into that many planes.</exception>
    public static (byte[] Planes, int Height, int Width) Decode(byte[] png, int planeCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(planeCount, 1);
        var image = ImageDecoder.Decode(png, AnySide);
        var across = planeCount == 3 ? 1 : planeCount;
        if (image.Width % across != 0)
            throw new ImageRejectedException(RejectionReason.Corrupt, $"A condition map of {planeCount} planes cannot be {image.Width} pixels wide.");
        var (height, width) = (image.Height, image.Width / across);
        var planes = new byte[planeCount * height * width];
        for (var plane = 0; plane < planeCount; plane++)
        {
            for (var y = 0; y < height; y++)
            {
                var (column, channel) = planeCount == 3 ? (0, plane) : (plane * width, 0);
                for (var x = 0; x < width; x++)
                    planes[(((plane * height) + y) * width) + x] = image.Pixels[(((y * image.Width) + column + x) * 3) + channel];
            }
        }
        return (planes, height, width);
    }

    /// <summary>Turns [3, n] into [n, 3].</summary>
    internal static byte[] Interleave(ReadOnlySpan<byte> planes, int pixels)
    {
        var result = new byte[pixels * 3];
        for (var i = 0; i < pixels; i++)
            (result[i * 3], result[(i * 3) + 1], result[(i * 3) + 2]) = (planes[i], planes[pixels + i], planes[(2 * pixels) + i]);
        return result;
    }

    /// <summary>Turns [k, h, w] into [h, k * w].</summary>
    internal static byte[] SideBySide(ReadOnlySpan<byte> planes, int count, int height, int width)
    {
        var result = new byte[planes.Length];
        for (var plane = 0; plane < count; plane++)
        {
            for (var y = 0; y < height; y++)
                planes.Slice(((plane * height) + y) * width, width).CopyTo(result.AsSpan(((y * count) + plane) * width));
        }
        return result;
    }
}
