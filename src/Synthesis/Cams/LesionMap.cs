namespace Factory.Synthesis.Cams;

/// <summary>
/// Makes of lesion masks what a CAM is to a generator: a coarse map of where lesions are, which the same manipulations change and the same
/// <see cref="ConditionMap"/> squashes. Channel 0 stands for no lesion, as a CAM's background does, and channel k for the k-th kind of lesion.
/// </summary>
public static class LesionMap
{
    // Where a cell is covered by none or all of it, the value stays finite.
    private const double LeastExtent = 1 / 512.0;

    /// <summary>
    /// Averages masks over the cells of a grid. With the share p of a cell that a lesion covers, the value is 10 * logit(sqrt(p)): squashed by a condition
    /// map, 255 * sigmoid(0.1 * value), it gives 255 * sqrt(p), the lesion's extent rather than its area, so that a dot of few pixels is still seen.
    /// </summary>
    /// <param name="masks">A mask for each kind, row-major, height * width bytes from 0 (no lesion) to 255 (lesion); null where none was brought, as good as 0.</param>
    /// <param name="height">Rows of the masks, at least <paramref name="grid"/>.</param>
    /// <param name="width">Columns of the masks, at least <paramref name="grid"/>.</param>
    /// <param name="grid">Rows and columns of the map, at least 1.</param>
    /// <returns>A map [1 + kinds, grid, grid] of values from -62.4 to 62.4.</returns>
    /// <exception cref="ArgumentException">There is no kind, the masks are smaller than the grid, or a mask's length does not fit.</exception>
    public static Cam FromMasks(IReadOnlyList<byte[]?> masks, int height, int width, int grid)
    {
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentOutOfRangeException.ThrowIfLessThan(grid, 1);
        if (masks.Count == 0)
            throw new ArgumentException("A lesion map needs at least one kind of lesion.", nameof(masks));
        if (height < grid || width < grid)
            throw new ArgumentException($"Masks of {width}x{height} are smaller than a map of {grid}x{grid}.", nameof(grid));
        var area = grid * grid;
        var values = new float[(masks.Count + 1) * area];
        Array.Fill(values, Value(0), 0, area);
        for (var kind = 0; kind < masks.Count; kind++)
        {
            if (masks[kind] is { } mask && mask.Length != height * width)
                throw new ArgumentException($"Mask {kind} has {mask.Length} bytes, one of {width}x{height} has {height * width}.", nameof(masks));
            var covered = masks[kind] is { } plane ? Coverage(plane, height, width, grid) : new double[area];
            for (var cell = 0; cell < area; cell++)
                values[((kind + 1) * area) + cell] = Value(covered[cell]);
        }

        return new Cam(masks.Count + 1, grid, grid, values);
    }

    /// <summary>The channel that an image's lesions are strongest in: what a manipulation of the lesion works on.</summary>
    /// <param name="map">A lesion map.</param>
    /// <returns>1 to K - 1; the first where several are as strong.</returns>
    public static int MainChannel(Cam map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Enumerable.Range(1, map.K - 1).MaxBy(channel => Sum(map.Channel(channel)));
    }

    private static float Value(double covered)
    {
        var extent = Math.Clamp(Math.Sqrt(covered), LeastExtent, 1 - LeastExtent);
        return (float)(10 * Math.Log(extent / (1 - extent)));
    }

    private static double Sum(ReadOnlySpan<float> channel)
    {
        double sum = 0;
        foreach (var value in channel)
            sum += value;
        return sum;
    }

    // Cells need not hold whole pixels: a pixel on the border of two counts for each by its share.
    private static double[] Coverage(byte[] mask, int height, int width, int grid)
    {
        var rows = new double[grid * width];
        foreach (var (cell, row, share) in Shares(height, grid))
        {
            for (var column = 0; column < width; column++)
                rows[(cell * width) + column] += mask[(row * width) + column] * share;
        }

        var covered = new double[grid * grid];
        foreach (var (cell, column, share) in Shares(width, grid))
        {
            for (var row = 0; row < grid; row++)
                covered[(row * grid) + cell] += rows[(row * width) + column] * share / 255;
        }

        return covered;
    }

    private static IEnumerable<(int Cell, int Pixel, double Share)> Shares(int pixels, int cells)
    {
        var side = (double)pixels / cells;
        for (var cell = 0; cell < cells; cell++)
        {
            var (first, end) = (cell * side, (cell + 1) * side);
            for (var pixel = (int)first; pixel < Math.Min(pixels, Math.Ceiling(end)); pixel++)
                yield return (cell, pixel, (Math.Min(pixel + 1, end) - Math.Max(pixel, first)) / side);
        }
    }
}
