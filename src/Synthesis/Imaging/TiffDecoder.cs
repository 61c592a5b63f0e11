using BitMiracle.LibTiff.Classic;

namespace Factory.Synthesis.Imaging;

/// <summary>Decodes single-page TIFF: grey, palette, RGB and CMYK, 1 to 8 and 16 bits a sample, in strips or tiles, compressed or not.</summary>
internal static class TiffDecoder
{
    // LibTiff writes its complaints to the console unless told otherwise, and holds the handler for the whole process.
    static TiffDecoder() => Tiff.SetErrorHandler(new SilentHandler());

    public static RgbImage Decode(byte[] bytes, DecodeLimits limits)
    {
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            using var tiff = Tiff.ClientOpen("image", "r", stream, new TiffStream()) ?? throw Unreadable(bytes);
            if (PageCount(tiff) is var pages and > 1)
                throw new ImageRejectedException(RejectionReason.Animated, $"The TIFF has {pages} pages; one picture is expected.");
            return DecodePage(tiff, limits);
        }
        // LibTiff answers malformed files with whatever its arithmetic runs into; all of it means the same here.
        catch (Exception e) when (e is not (ImageRejectedException or OutOfMemoryException))
        {
            throw new ImageRejectedException(RejectionReason.Corrupt, "The TIFF cannot be decoded.", e);
        }
    }

    private static ImageRejectedException Unreadable(byte[] bytes)
    {
        var little = bytes[0] == (byte)'I';
        var offset = bytes.Length < 8 ? uint.MaxValue
            : little ? BitConverter.ToUInt32(bytes, 4)
            : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4));
        return offset >= bytes.Length - 2
            ? new ImageRejectedException(RejectionReason.Truncated, $"The TIFF's directory lies at byte {offset}, the file has {bytes.Length}.")
            : new ImageRejectedException(RejectionReason.Corrupt, "The TIFF's directory cannot be read.");
    }

    private static int PageCount(Tiff tiff)
    {
        var pages = 0;
        do
        {
            // Thumbnails and masks ride along in many files and are not pages of their own.
            var kind = (FileType)Field(tiff, TiffTag.SUBFILETYPE, 0);
            pages += (kind & (FileType.REDUCEDIMAGE | FileType.MASK)) == 0 ? 1 : 0;
        }
        while (tiff.ReadDirectory());
        tiff.SetDirectory(0);
        return pages;
    }

    private static RgbImage DecodePage(Tiff tiff, DecodeLimits limits)
    {
        var (width, height) = (Field(tiff, TiffTag.IMAGEWIDTH, 0), Field(tiff, TiffTag.IMAGELENGTH, 0));
        ImageDecoder.Check(width, height, limits);
        if (Field(tiff, TiffTag.BITSPERSAMPLE, 1) > 16)
            throw new ImageRejectedException(RejectionReason.UnsupportedFormat, $"The TIFF has {Field(tiff, TiffTag.BITSPERSAMPLE, 1)} bits a sample; at most 16 are read.");
        var image = Tiff16Bit.CanRead(tiff) ? Tiff16Bit.Read(tiff, width, height) : ReadThroughRgba(tiff, width, height);
        return ImageOrientation.Apply(image, Field(tiff, TiffTag.ORIENTATION, 1));
    }

    private static RgbImage ReadThroughRgba(Tiff tiff, int width, int height)
    {
        if (!tiff.RGBAImageOK(out var why))
            throw new ImageRejectedException(RejectionReason.UnsupportedFormat, $"This kind of TIFF is not read: {why}");
        var raster = new int[checked(width * height)];
        var stored = (Orientation)Field(tiff, TiffTag.ORIENTATION, 1);
        // Asking for the orientation the file has keeps LibTiff from flipping: its flips do not cover the transposed ones.
        if (!tiff.ReadRGBAImageOriented(width, height, raster, stored, stopOnError: true))
            throw new ImageRejectedException(RejectionReason.Truncated, "The TIFF's image data are damaged or end early.");
        var image = new RgbImage(width, height);
        for (int i = 0, to = 0; i < raster.Length; i++, to += 3)
        {
            image.Pixels[to] = (byte)Tiff.GetR(raster[i]);
            image.Pixels[to + 1] = (byte)Tiff.GetG(raster[i]);
            image.Pixels[to + 2] = (byte)Tiff.GetB(raster[i]);
        }
        return image;
    }

    /// <summary>Reads a numeric tag of the current directory.</summary>
    internal static int Field(Tiff tiff, TiffTag tag, int fallback) =>
        tiff.GetFieldDefaulted(tag) is { Length: > 0 } values ? values[0].ToInt() : fallback;

    private sealed class SilentHandler : TiffErrorHandler
    {
        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }
    }
}
