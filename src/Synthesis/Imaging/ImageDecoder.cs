using System.Buffers;
using System.Buffers.Binary;
using SkiaSharp;

namespace Factory.Synthesis.Imaging;

/// <summary>
/// Turns the bytes of a JPEG, PNG, TIFF or BMP file into upright 8-bit RGB, or refuses them with a reason.
/// Grey becomes three equal channels, CMYK becomes RGB, 16-bit samples keep their upper 8 bits (v >> 8, the full range, no stretching),
/// alpha is composited over black and never becomes a channel, EXIF orientation is applied, embedded color profiles are not.
/// No metadata survives. Safe for untrusted input: the claimed size is checked before anything of that size is allocated.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Decodes one image.</summary>
    /// <param name="bytes">The whole file; its format is recognized by content.</param>
    /// <param name="limits">The sizes accepted; null means <see cref="DecodeLimits.Default"/>.</param>
    /// <returns>The picture as it is meant to be seen, width and height after EXIF orientation.</returns>
    /// <exception cref="ImageRejectedException">The bytes are not one whole, still picture within the limits.</exception>
    public static RgbImage Decode(byte[] bytes, DecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        limits ??= DecodeLimits.Default;
        if (bytes.Length == 0)
            throw new ImageRejectedException(RejectionReason.Empty, "The file is empty (0 bytes).");
        if (bytes.Length > limits.MaxBytes)
            throw new ImageRejectedException(RejectionReason.TooManyPixels, $"The file has {bytes.Length} bytes; at most {limits.MaxBytes} are read.");
        switch (ImageFormats.Recognize(bytes))
        {
            case ImageFormat.Jpeg:
                return DecodeWithSkia(bytes, ImageStructure.Jpeg(bytes), limits);
            case ImageFormat.Png:
                // The header's size comes first: walking the chunks of a file that is refused anyway would be wasted.
                if (bytes.Length >= 24)
                    Check(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)), limits);
                return DecodeWithSkia(bytes, ImageStructure.Png(bytes), limits);
            case ImageFormat.Bmp:
                return DecodeWithSkia(bytes, ImageStructure.Bmp(bytes), limits);
            case ImageFormat.Tiff:
                return TiffDecoder.Decode(bytes, limits);
            case ImageFormat.Unknown:
                throw new ImageRejectedException(RejectionReason.NotAnImage, "The file does not start like any known image format.");
            case var format:
                throw Unsupported(bytes, format);
        }
    }

    /// <summary>Refuses a size outside the limits; called with header values, before allocation.</summary>
    internal static void Check(int width, int height, DecodeLimits limits)
    {
        if (width < 1 || height < 1)
            throw new ImageRejectedException(RejectionReason.Corrupt, $"The header claims {width}x{height} pixels.");
        if ((long)width * height > limits.MaxPixels)
            throw new ImageRejectedException(RejectionReason.TooManyPixels, $"The image has {width}x{height} pixels; at most {limits.MaxPixels} are read.");
        if (Math.Min(width, height) < limits.MinSide)
            throw new ImageRejectedException(RejectionReason.TooSmall, $"The image is {width}x{height}; both sides must be at least {limits.MinSide}.");
    }

    private static RgbImage DecodeWithSkia(byte[] bytes, (int Width, int Height) claimed, DecodeLimits limits)
    {
        Check(claimed.Width, claimed.Height, limits);
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data)
            ?? throw new ImageRejectedException(RejectionReason.Corrupt, "The image's header cannot be decoded.");
        if (codec.Info.Width != claimed.Width || codec.Info.Height != claimed.Height)
            throw new ImageRejectedException(RejectionReason.Corrupt, $"The header claims {claimed.Width}x{claimed.Height} pixels, the decoder sees {codec.Info.Width}x{codec.Info.Height}.");
        // Premultiplied is what compositing over black gives. No color space: samples are taken as they are stored.
        var info = new SKImageInfo(claimed.Width, claimed.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        // Rented: a fresh array of this size would bring a collection of all generations every few images.
        byte[] rgba = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        try
        {
            var result = ReadPixels(codec, info, rgba);
            if (result == SKCodecResult.IncompleteInput)
                throw new ImageRejectedException(RejectionReason.Truncated, "The image data end before the last row.");
            if (result != SKCodecResult.Success)
                throw new ImageRejectedException(RejectionReason.Corrupt, $"The image data cannot be decoded ({result}).");
            return ImageOrientation.Apply(DropAlpha(rgba, info.Width, info.Height), (int)codec.EncodedOrigin);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static unsafe SKCodecResult ReadPixels(SKCodec codec, SKImageInfo info, Span<byte> rgba)
    {
        fixed (byte* first = rgba) return codec.GetPixels(info, (nint)first);
    }

    private static RgbImage DropAlpha(ReadOnlySpan<byte> rgba, int width, int height)
    {
        var image = new RgbImage(width, height);
        var rgb = image.Pixels;
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
        return image;
    }

    private static ImageRejectedException Unsupported(byte[] bytes, ImageFormat format)
    {
        if (format is ImageFormat.Gif or ImageFormat.WebP)
        {
            using var data = SKData.CreateCopy(bytes);
            using var codec = SKCodec.Create(data);
            if (codec?.FrameCount > 1)
                return new ImageRejectedException(RejectionReason.Animated, $"The {format} file has {codec.FrameCount} frames; one still picture is expected.");
        }
        return new ImageRejectedException(RejectionReason.UnsupportedFormat, $"{format} files are not read; convert it to PNG, JPEG, TIFF or BMP.");
    }
}
