using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Evaluation;

/// <summary>
/// How sharp an image is, without another one to compare it with: the variance of the Laplacian of its luminance. It grows with contrast and depends on the size of the image, so
/// it means something beside that of other images of one size only. Source: Pech-Pacheco et al., ICPR 2000 (LAPV of Pertuz et al., Pattern Recognition 2013).
/// </summary>
public static class Sharpness
{
    /// <summary>
    /// Variance over pixels of L(left) + L(right) + L(above) + L(below) - 4 L, with L = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) of the 8-bit values. Pixels at the image's edge have
    /// no neighbor on one side and are left out.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="litOnly">Whether only pixels count that are lit (see <see cref="FieldOfView"/>), as all four neighbors are: the edge of the lit disc of a fundus photograph is sharp in any picture of one.</param>
    /// <returns>At least 0, in squared gray levels; 0 where fewer than two pixels count.</returns>
    public static double Of(RgbImage image, bool litOnly)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (width, height) = (image.Width, image.Height);
        var luminance = new double[width * height];
        for (var i = 0; i < luminance.Length; i++)
            luminance[i] = (0.299 * image.Pixels[i * 3]) + (0.587 * image.Pixels[(i * 3) + 1]) + (0.114 * image.Pixels[(i * 3) + 2]);
        var lit = litOnly ? FieldOfView.LitPixels(image) : null;
        var (count, mean, squares) = (0, 0.0, 0.0);
        for (var y = 1; y < height - 1; y++)
        {
            for (var i = (y * width) + 1; i < ((y + 1) * width) - 1; i++)
            {
                if (lit is not null && !(lit[i] && lit[i - 1] && lit[i + 1] && lit[i - width] && lit[i + width]))
                    continue;
                // Welford's recurrence: no difference of large sums.
                var value = luminance[i - 1] + luminance[i + 1] + luminance[i - width] + luminance[i + width] - (4 * luminance[i]);
                var off = value - mean;
                mean += off / ++count;
                squares += off * (value - mean);
            }
        }

        return count < 2 ? 0 : squares / count;
    }
}
