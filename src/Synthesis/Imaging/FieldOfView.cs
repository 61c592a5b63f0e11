namespace Factory.Synthesis.Imaging;

/// <summary>Finds the lit disc of a fundus photograph and crops to it, so that cameras with different black borders give the same framing.</summary>
public static class FieldOfView
{
    // Camera black is rarely 0; JPEG noise in it stays below this.
    private const int DarkestLit = 16;

    /// <summary>Crops to the square that <see cref="Find"/> finds.</summary>
    /// <param name="image">A photograph of a lit disc on a dark ground.</param>
    /// <returns>A new square image.</returns>
    public static RgbImage Crop(RgbImage image) => Cut(image, Find(image));

    /// <summary>
    /// Finds a square around the lit disc. A row or column belongs to the disc where at least 3 % of it is lit. Where the sensor cut the disc at the top
    /// and bottom the square reaches beyond the image. An image with fewer than two dark corners has no border to remove: its central square is found,
    /// as it is in an image with nothing lit.
    /// </summary>
    /// <param name="image">A photograph of a lit disc on a dark ground.</param>
    /// <returns>Left and top, which may be negative, and side of the square, in pixels.</returns>
    public static (int Left, int Top, int Side) Find(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var lit = LitPixels(image);
        var (columns, rows) = Counts(lit, image.Width, image.Height);
        var horizontal = Extent(columns, image.Height);
        var vertical = Extent(rows, image.Width);
        if (horizontal.Length == 0 || vertical.Length == 0 || DarkCorners(lit, image.Width, image.Height) < 2)
        {
            var shorter = Math.Min(image.Width, image.Height);
            return ((image.Width - shorter) / 2, (image.Height - shorter) / 2, shorter);
        }
        var side = Math.Max(horizontal.Length, vertical.Length);
        return (horizontal.Start - ((side - horizontal.Length) / 2), vertical.Start - ((side - vertical.Length) / 2), side);
    }

    /// <summary>Cuts a square out of an image, padded with black where it reaches beyond.</summary>
    /// <param name="image">The image.</param>
    /// <param name="square">Left and top, which may be negative, and side of the square, in pixels.</param>
    /// <returns>A new square image.</returns>
    public static RgbImage Cut(RgbImage image, (int Left, int Top, int Side) square)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (left, top, side) = square;
        var cut = new RgbImage(side, side);
        var (firstX, lastX) = (Math.Max(left, 0), Math.Min(left + side, image.Width));
        for (var y = Math.Max(top, 0); y < Math.Min(top + side, image.Height); y++)
        {
            image.Pixels.AsSpan(((y * image.Width) + firstX) * 3, (lastX - firstX) * 3)
                .CopyTo(cut.Pixels.AsSpan((((y - top) * side) + firstX - left) * 3));
        }
        return cut;
    }

    /// <summary>
    /// How much of the field of view that is expected in a cropped photograph is lit: the fraction of the pixels within the circle inscribed in the image
    /// (centers no farther from the middle than half the shorter side) whose brightest channel is above the darkest that counts as lit.
    /// </summary>
    /// <param name="image">A photograph as <see cref="Crop"/> leaves it, of any size.</param>
    /// <returns>0 (black) to 1; below 1 too where the sensor cut the disc at the top and bottom.</returns>
    public static double LitFraction(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var lit = LitPixels(image);
        var radius = Math.Min(image.Width, image.Height) / 2.0;
        var (inside, bright) = (0, 0);
        for (var i = 0; i < lit.Length; i++)
        {
            var (x, y) = ((i % image.Width) + 0.5 - (image.Width / 2.0), (i / image.Width) + 0.5 - (image.Height / 2.0));
            if ((x * x) + (y * y) > radius * radius)
                continue;
            inside++;
            bright += lit[i] ? 1 : 0;
        }
        return (double)bright / inside;
    }

    /// <summary>Which pixels are lit, in row order: those whose brightest channel is above 16, which camera black and the noise in it stay below.</summary>
    internal static bool[] LitPixels(RgbImage image)
    {
        var lit = new bool[image.Width * image.Height];
        for (var i = 0; i < lit.Length; i++)
            lit[i] = Math.Max(image.Pixels[i * 3], Math.Max(image.Pixels[(i * 3) + 1], image.Pixels[(i * 3) + 2])) > DarkestLit;
        return lit;
    }

    private static (int[] Columns, int[] Rows) Counts(bool[] lit, int width, int height)
    {
        var (columns, rows) = (new int[width], new int[height]);
        for (var i = 0; i < lit.Length; i++)
        {
            if (lit[i])
            {
                columns[i % width]++;
                rows[i / width]++;
            }
        }
        return (columns, rows);
    }

    private static (int Start, int Length) Extent(int[] counts, int across)
    {
        bool Enough(int count) => count * 100L >= across * 3L;
        var first = Array.FindIndex(counts, Enough);
        return first < 0 ? (0, 0) : (first, Array.FindLastIndex(counts, Enough) - first + 1);
    }

    private static int DarkCorners(bool[] lit, int width, int height)
    {
        var side = Math.Max(Math.Min(width, height) / 20, 1);
        var dark = 0;
        foreach (var (left, top) in new[] { (0, 0), (width - side, 0), (0, height - side), (width - side, height - side) })
        {
            var count = 0;
            for (var i = 0; i < side * side; i++)
                count += lit[((top + (i / side)) * width) + left + (i % side)] ? 1 : 0;
            dark += count * 4 < side * side ? 1 : 0;
        }
        return dark;
    }
}
