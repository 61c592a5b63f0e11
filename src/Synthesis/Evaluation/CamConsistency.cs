using Factory.Synthesis.Cams;

namespace Factory.Synthesis.Evaluation;

/// <summary>Whether a lesion is where it was asked for: how the CAM that a classifier gives of a generated image agrees with the one that conditioned it.</summary>
public static class CamConsistency
{
    /// <summary>
    /// Pearson's correlation over the cells of the label's channel. The background's channel is not shown to a generator: for a sample of the background it is the mean of the
    /// correlations of the channels that are.
    /// </summary>
    /// <param name="asked">The CAM that conditioned the image, manipulated, [K, h, w].</param>
    /// <param name="seen">The CAM of the generated image, [K, h', w']; where its grid is another one, it is resampled bilinearly to that of <paramref name="asked"/>.</param>
    /// <param name="label">The sample's category, 0 to K - 1.</param>
    /// <param name="background">The background category, 0 to K - 1.</param>
    /// <returns>-1 to 1. A channel that is the same everywhere agrees with nothing: 0.</returns>
    /// <exception cref="ArgumentException">The CAMs are of other categories than one another.</exception>
    public static double Of(Cam asked, Cam seen, int label, int background)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(seen);
        if (asked.K != seen.K)
            throw new ArgumentException($"One CAM has {asked.K} channels, the other {seen.K}: they belong to different category lists.", nameof(seen));
        int[] channels = label == background ? [.. Enumerable.Range(0, asked.K).Where(channel => channel != background)] : [label];
        return channels.Average(channel => Correlation(asked.Channel(channel), Resampled(seen, channel, asked.Height, asked.Width)));
    }

    private static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (meanA, meanB) = (Mean(a), Mean(b));
        var (across, within, other) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a[i] - meanA, b[i] - meanB);
            across += x * y;
            within += x * x;
            other += y * y;
        }

        return within <= 0 || other <= 0 ? 0 : Math.Clamp(across / Math.Sqrt(within * other), -1, 1);
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }

    // Cell centers of the two grids lie over one another, as those of images that are resized do.
    private static ReadOnlySpan<float> Resampled(Cam cam, int channel, int height, int width)
    {
        if (cam.Height == height && cam.Width == width)
            return cam.Channel(channel);
        var values = new float[height * width];
        for (var y = 0; y < height; y++)
        {
            var (above, below, down) = Between(y, height, cam.Height);
            for (var x = 0; x < width; x++)
            {
                var (left, right, over) = Between(x, width, cam.Width);
                values[(y * width) + x] = (float)(((1 - down) * (((1 - over) * cam[channel, above, left]) + (over * cam[channel, above, right])))
                    + (down * (((1 - over) * cam[channel, below, left]) + (over * cam[channel, below, right]))));
            }
        }

        return values;
    }

    private static (int First, int Second, double Part) Between(int place, int count, int others)
    {
        var at = Math.Clamp(((place + 0.5) * others / count) - 0.5, 0, others - 1);
        var first = (int)at;
        return (first, Math.Min(first + 1, others - 1), at - first);
    }
}
