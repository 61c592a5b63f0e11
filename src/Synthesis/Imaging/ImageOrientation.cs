namespace Factory.Synthesis.Imaging;

/// <summary>Applies the orientation of EXIF and TIFF (tag 0x0112), so that pixels are stored as they are meant to be seen.</summary>
internal static class ImageOrientation
{
    /// <summary>Turns an image upright.</summary>
    /// <param name="image">Pixels as stored.</param>
    /// <param name="orientation">1 to 8; 1 and every other value leave the image as it is.</param>
    /// <returns>The image itself for 1, else a new one; 5 to 8 swap width and height.</returns>
    public static RgbImage Apply(RgbImage image, int orientation)
    {
        if (orientation is < 2 or > 8)
            return image;
        var transposed = orientation >= 5;
        var (width, height) = transposed ? (image.Height, image.Width) : (image.Width, image.Height);
        var upright = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = Source(orientation, x, y, image.Width - 1, image.Height - 1);
                image.Pixels.AsSpan(((sy * image.Width) + sx) * 3, 3).CopyTo(upright.Pixels.AsSpan(((y * width) + x) * 3));
            }
        }
        return upright;
    }

    /// <summary>Where the upright pixel (x, y) is stored, given the last stored column and row.</summary>
    private static (int X, int Y) Source(int orientation, int x, int y, int right, int bottom) => orientation switch
    {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        8 => (right - y, x),
        _ => (x, y),
    };
}
