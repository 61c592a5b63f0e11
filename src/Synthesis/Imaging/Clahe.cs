namespace Factory.Synthesis.Imaging;

/// <summary>
/// Contrast limited adaptive histogram equalization of 8-bit images, with OpenCV's semantics (<c>createCLAHE</c>).
/// Source: Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV, 1994.
/// </summary>
public static class Clahe
{
    /// <summary>The clip limit of the paper's color photographs.</summary>
    public const double DefaultClipLimit = 3.0;

    /// <summary>Tiles across in the paper's color photographs.</summary>
    public const int DefaultTilesX = 20;

    /// <summary>Tiles down in the paper's color photographs.</summary>
    public const int DefaultTilesY = 30;

    private const int Levels = 256;

    /// <summary>Equalizes the lightness (L of 8-bit LAB) of a color image and leaves its colors.</summary>
    /// <param name="image">The image.</param>
    /// <param name="clipLimit">Highest bin, as a multiple of the mean bin, above 0. Default 3.0.</param>
    /// <param name="tilesX">Tiles across, at least 1. Default 20.</param>
    /// <param name="tilesY">Tiles down, at least 1. Default 30.</param>
    /// <returns>A new image of the same size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static RgbImage Apply(RgbImage image, double clipLimit = DefaultClipLimit, int tilesX = DefaultTilesX, int tilesY = DefaultTilesY)
    {
        ArgumentNullException.ThrowIfNull(image);
        var lab = LabColor.FromRgb(image.Pixels);
        var lightness = new byte[image.Width * image.Height];
        for (var i = 0; i < lightness.Length; i++)
            lightness[i] = lab[i * 3];
        var equalized = Apply(lightness, image.Height, image.Width, clipLimit, tilesX, tilesY);
        for (var i = 0; i < equalized.Length; i++)
            lab[i * 3] = equalized[i];
        return new RgbImage(image.Width, image.Height, LabColor.ToRgb(lab));
    }

    /// <summary>Equalizes one 8-bit plane.</summary>
    /// <param name="plane">Row-major bytes, height * width of them.</param>
    /// <param name="height">Rows, at least 2.</param>
    /// <param name="width">Columns, at least 2.</param>
    /// <param name="clipLimit">Highest bin, as a multiple of the mean bin, above 0.</param>
    /// <param name="tilesX">Tiles across, at least 1.</param>
    /// <param name="tilesY">Tiles down, at least 1.</param>
    /// <returns>A new plane of the same size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    /// <exception cref="ArgumentException">The plane's length does not fit its sides.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> plane, int height, int width, double clipLimit, int tilesX, int tilesY)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clipLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(tilesX, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tilesY, 1);
        if (plane.Length != (long)height * width)
            throw new ArgumentException($"A {height}x{width} plane needs {(long)height * width} bytes, got {plane.Length}.", nameof(plane));
        // OpenCV pads both axes as soon as one of them does not divide, even the one that does.
        var exact = width % tilesX == 0 && height % tilesY == 0;
        var tileWidth = (exact ? width : width + tilesX - (width % tilesX)) / tilesX;
        var tileHeight = (exact ? height : height + tilesY - (height % tilesY)) / tilesY;
        var tables = new byte[tilesX * tilesY * Levels];
        for (var tile = 0; tile < tilesX * tilesY; tile++)
        {
            var (left, top) = (tile % tilesX * tileWidth, tile / tilesX * tileHeight);
            var histogram = Histogram(plane, height, width, (left, top), (tileWidth, tileHeight));
            Clip(histogram, Math.Max((int)(clipLimit * tileWidth * tileHeight / Levels), 1));
            Accumulate(histogram, tables.AsSpan(tile * Levels, Levels), 255f / (tileWidth * tileHeight));
        }
        return Interpolate(plane, (height, width), tables, Positions(width, tileWidth, tilesX), Positions(height, tileHeight, tilesY), tilesX);
    }

    private static int[] Histogram(ReadOnlySpan<byte> plane, int height, int width, (int X, int Y) corner, (int Width, int Height) tile)
    {
        var histogram = new int[Levels];
        for (var y = corner.Y; y < corner.Y + tile.Height; y++)
        {
            var row = plane.Slice(Mirror(y, height) * width, width);
            for (var x = corner.X; x < corner.X + tile.Width; x++)
                histogram[row[Mirror(x, width)]]++;
        }
        return histogram;
    }

    /// <summary>Reflects a position beyond the last pixel back inside without repeating the edge, again and again in a plane smaller than its padding.</summary>
    private static int Mirror(int position, int length)
    {
        while (position >= length || position < 0)
            position = position < 0 ? -position : (2 * (length - 1)) - position;
        return position;
    }

    private static void Clip(int[] histogram, int limit)
    {
        var excess = 0;
        for (var i = 0; i < Levels; i++)
        {
            excess += Math.Max(histogram[i] - limit, 0);
            histogram[i] = Math.Min(histogram[i], limit);
        }
        var (share, rest) = Math.DivRem(excess, Levels);
        for (var i = 0; i < Levels; i++)
            histogram[i] += share;
        var step = rest == 0 ? Levels : Math.Max(Levels / rest, 1);
        for (var i = 0; i < Levels && rest > 0; i += step, rest--)
            histogram[i]++;
    }

    private static void Accumulate(int[] histogram, Span<byte> table, float scale)
    {
        var sum = 0;
        for (var i = 0; i < Levels; i++)
        {
            sum += histogram[i];
            table[i] = (byte)Math.Clamp(MathF.Round(sum * scale), 0, 255);
        }
    }

    private static (int Before, int After, float Weight)[] Positions(int length, int tile, int tiles)
    {
        var positions = new (int, int, float)[length];
        for (var i = 0; i < length; i++)
        {
            var at = (i * (1f / tile)) - 0.5f;
            var before = (int)MathF.Floor(at);
            positions[i] = (Math.Max(before, 0), Math.Min(before + 1, tiles - 1), at - before);
        }
        return positions;
    }

    private static byte[] Interpolate(
        ReadOnlySpan<byte> plane,
        (int Height, int Width) size,
        byte[] tables,
        (int Before, int After, float Weight)[] columns,
        (int Before, int After, float Weight)[] rows,
        int tilesX)
    {
        var result = new byte[plane.Length];
        for (var y = 0; y < size.Height; y++)
        {
            var (above, below, down) = (rows[y].Before * tilesX, rows[y].After * tilesX, rows[y].Weight);
            for (var x = 0; x < size.Width; x++)
            {
                var value = plane[(y * size.Width) + x];
                var (left, right, across) = columns[x];
                var upper = (tables[((above + left) * Levels) + value] * (1 - across)) + (tables[((above + right) * Levels) + value] * across);
                var lower = (tables[((below + left) * Levels) + value] * (1 - across)) + (tables[((below + right) * Levels) + value] * across);
                result[(y * size.Width) + x] = (byte)Math.Clamp(MathF.Round((upper * (1 - down)) + (lower * down)), 0, 255);
            }
        }
        return result;
    }
}
