namespace Factory.Synthesis.Imaging;

/// <summary>Brings a mask of lesions, as annotators write them, into the geometry of the image that it belongs to.</summary>
public static class LesionMask
{
    /// <summary>
    /// A pixel is of a lesion where its brightest channel has at least half of the mask's own maximum, so that masks of 0 and 1, of 0 and 255, in one color
    /// and with the noise of JPEG mean the same. Then the mask is cut and resized (Pillow-equal bicubic) as the image was.
    /// </summary>
    /// <param name="mask">The mask as decoded.</param>
    /// <param name="square">The square that the image was cut to (see <see cref="FieldOfView.Cut"/>); null where it was not cut.</param>
    /// <param name="size">The side that the image was resized to, in pixels; null where it was not.</param>
    /// <returns>A grey PNG: 255 in a lesion, 0 elsewhere, between them only at edges that were resized. All 0 where the mask is black.</returns>
    public static (byte[] Png, int Width, int Height) Prepare(RgbImage mask, (int Left, int Top, int Side)? square, int? size)
    {
        ArgumentNullException.ThrowIfNull(mask);
        RgbImage cut = square is { } found ? FieldOfView.Cut(Binary(mask), found) : Binary(mask);
        var plane = new byte[cut.Width * cut.Height];
        for (var pixel = 0; pixel < plane.Length; pixel++)
            plane[pixel] = cut.Pixels[pixel * 3];
        return size is { } side
            ? (ImageEncoder.EncodeGrayPng(PilResize.Bicubic(plane, cut.Height, cut.Width, side, side), side, side), side, side)
            : (ImageEncoder.EncodeGrayPng(plane, cut.Height, cut.Width), cut.Width, cut.Height);
    }

    private static RgbImage Binary(RgbImage mask)
    {
        var half = Math.Max(1, (mask.Pixels.Max() + 1) / 2);
        var binary = new RgbImage(mask.Width, mask.Height);
        for (var pixel = 0; pixel < mask.Pixels.Length; pixel += 3)
        {
            if (Math.Max(mask.Pixels[pixel], Math.Max(mask.Pixels[pixel + 1], mask.Pixels[pixel + 2])) >= half)
                binary.Pixels.AsSpan(pixel, 3).Fill(255);
        }
        return binary;
    }
}
