using BitMiracle.LibTiff.Classic;

namespace Factory.Synthesis.Imaging;

/// <summary>
/// Reads 16-bit grey and RGB TIFF by scan lines, keeping the upper byte of each sample. LibTiff's own reduction to 8 bits
/// rounds instead, which would make a TIFF and a PNG of the same pixels differ.
/// </summary>
internal static class Tiff16Bit
{
    public static bool CanRead(Tiff tiff) =>
        TiffDecoder.Field(tiff, TiffTag.BITSPERSAMPLE, 1) == 16
        && !tiff.IsTiled()
        && (Photometric)TiffDecoder.Field(tiff, TiffTag.PHOTOMETRIC, -1) is Photometric.MINISBLACK or Photometric.MINISWHITE or Photometric.RGB;

    public static RgbImage Read(Tiff tiff, int width, int height)
    {
        var samples = TiffDecoder.Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        var color = (Photometric)TiffDecoder.Field(tiff, TiffTag.PHOTOMETRIC, -1) == Photometric.RGB && samples >= 3;
        var planar = (PlanarConfig)TiffDecoder.Field(tiff, TiffTag.PLANARCONFIG, 1) == PlanarConfig.SEPARATE;
        var image = new RgbImage(width, height);
        var line = new byte[Math.Max(tiff.ScanlineSize(), checked(width * (planar ? 1 : samples) * 2))];
        for (var channel = 0; channel < (planar && color ? 3 : 1); channel++)
        {
            for (var y = 0; y < height; y++)
            {
                if (!tiff.ReadScanline(line, 0, y, (short)channel))
                    throw new ImageRejectedException(RejectionReason.Truncated, $"The TIFF's image data are damaged or end in row {y} of {height}.");
                var row = image.Pixels.AsSpan(y * width * 3, width * 3);
                if (planar && color)
                    Scatter(line, row, channel);
                else
                    Interleave(line, row, planar ? 1 : samples, color);
            }
        }
        if ((Photometric)TiffDecoder.Field(tiff, TiffTag.PHOTOMETRIC, -1) == Photometric.MINISWHITE)
            Invert(image.Pixels);
        return image;
    }

    // LibTiff hands 16-bit samples over in the machine's order, which is little-endian wherever .NET runs: the upper byte is the second.
    private static void Interleave(ReadOnlySpan<byte> line, Span<byte> row, int samples, bool color)
    {
        for (var x = 0; x < row.Length / 3; x++)
        {
            var at = (x * samples * 2) + 1;
            for (var c = 0; c < 3; c++)
                row[(x * 3) + c] = line[at + (color ? c * 2 : 0)];
        }
    }

    private static void Scatter(ReadOnlySpan<byte> line, Span<byte> row, int channel)
    {
        for (var x = 0; x < row.Length / 3; x++)
            row[(x * 3) + channel] = line[(x * 2) + 1];
    }

    private static void Invert(Span<byte> pixels)
    {
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)~pixels[i];
    }
}
