using System.Buffers.Binary;

namespace Factory.Synthesis.Imaging;

/// <summary>Reads back the marking of an encoded PNG or JPEG, so that a release can be verified from its bytes alone.</summary>
public static class ImageMarkingReader
{
    /// <summary>Reads the marking of a file.</summary>
    /// <param name="bytes">A whole PNG or JPEG.</param>
    /// <returns><see cref="ImageMarking.Synthetic"/> when its XMP names the trained-model source type, else <see cref="ImageMarking.None"/>.</returns>
    /// <exception cref="ImageRejectedException">The bytes are neither PNG nor JPEG.</exception>
    public static ImageMarking Read(ReadOnlySpan<byte> bytes)
    {
        var xmp = ImageFormats.Recognize(bytes) switch
        {
            ImageFormat.Png => PngXmp(bytes),
            ImageFormat.Jpeg => JpegXmp(bytes),
            _ => throw new ImageRejectedException(RejectionReason.UnsupportedFormat, "A marking is read from PNG and JPEG only."),
        };
        return xmp.IndexOf(System.Text.Encoding.ASCII.GetBytes(SyntheticXmp.SourceType)) >= 0 ? ImageMarking.Synthetic : ImageMarking.None;
    }

    private static ReadOnlySpan<byte> PngXmp(ReadOnlySpan<byte> bytes)
    {
        for (var at = 8; at + 12 <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            if (length > bytes.Length - at - 12)
                break;
            var body = bytes.Slice(at + 8, (int)length);
            if (bytes.Slice(at + 4, 4).SequenceEqual("iTXt"u8) && body.StartsWith(SyntheticXmp.PngPrefix))
                return body;
            at += 12 + (int)length;
        }
        return [];
    }

    private static ReadOnlySpan<byte> JpegXmp(ReadOnlySpan<byte> bytes)
    {
        for (var at = 2; at + 4 <= bytes.Length && bytes[at] == 0xFF && bytes[at + 1] != 0xDA;)
        {
            var end = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (end > bytes.Length)
                break;
            var body = bytes[(at + 4)..Math.Max(end, at + 4)];
            if (bytes[at + 1] == 0xE1 && body.StartsWith(SyntheticXmp.JpegPrefix))
                return body;
            at = end;
        }
        return [];
    }
}
