using Factory.Contracts;
using Factory.Synthesis.Imaging;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Datasets;

/// <summary>
/// Decoded images, resized to the square that a network sees. Kept over work items, so that the next segment of a training need not decode them again. What is
/// returned never depends on what is kept.
/// </summary>
internal sealed class ImageCache(IOptions<ScratchOptions> options)
{
    private static readonly DecodeLimits Limits = DecodeLimits.Default with { MinSide = 1 };

    private readonly RecentlyUsed<(Sha256Digest Blob, long Offset, int Size), RgbImage> _images = new(options.Value.ImageCacheBytes);

    /// <summary>Decodes an image, without keeping it.</summary>
    /// <exception cref="ImageRejectedException">The bytes are no image.</exception>
    public static RgbImage Decode(byte[] encoded) => ImageDecoder.Decode(encoded, Limits);

    /// <summary>An image, resized by Pillow-equal bicubic. Not to be written to: it is shared.</summary>
    /// <param name="blob">The blob it lies in.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="size">Side of the square in pixels.</param>
    /// <param name="read">Reads the encoded image where it is not kept.</param>
    public RgbImage Get(Sha256Digest blob, long offset, int size, Func<byte[]> read)
    {
        if (_images.TryGet((blob, offset, size), out RgbImage? known)) return known;
        RgbImage image = PilResize.Bicubic(Decode(read()), size, size);
        _images.Add((blob, offset, size), image, image.Pixels.Length);
        return image;
    }
}
