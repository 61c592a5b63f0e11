using System.Buffers.Binary;

namespace Factory.Synthesis.Imaging;

/// <summary>
/// The checks of a file's skeleton made before a decoder sees it: the size its header claims, whether it runs to its own end,
/// and whether it is one picture. Bytes after the end of the image are tolerated (cameras append previews); they never reach a pixel.
/// </summary>
internal static class ImageStructure
{
    /// <summary>Walks a JPEG's markers from SOI to EOI (ITU-T T.81, annex B) and returns the size in its frame header.</summary>
    public static (int Width, int Height) Jpeg(ReadOnlySpan<byte> bytes)
    {
        (int Width, int Height)? size = null;
        var at = 2;
        while (true)
        {
            var marker = NextMarker(bytes, ref at);
            if (marker == 0xD9)
                return size ?? throw Rejected(RejectionReason.Corrupt, "The JPEG ends without a frame header.");
            if (at + 2 > bytes.Length)
                throw JpegCut(bytes.Length);
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (length < 2)
                throw Rejected(RejectionReason.Corrupt, $"The JPEG segment 0x{marker:X2} at byte {at} has length {length}, below 2.");
            if (at + length > bytes.Length)
                throw JpegCut(bytes.Length);
            if (IsFrameHeader(marker))
                size = FrameSize(bytes.Slice(at, length), marker);
            at += length;
            if (marker == 0xDA)
                SkipEntropyCodedData(bytes, ref at);
        }
    }

    /// <summary>Walks a PNG's chunks to IEND, checking each CRC (PNG specification, section 5), and returns the size in IHDR.</summary>
    public static (int Width, int Height) Png(ReadOnlySpan<byte> bytes)
    {
        (int Width, int Height)? size = null;
        for (var at = 8; ;)
        {
            if (at + 12 > bytes.Length)
                throw Rejected(RejectionReason.Truncated, $"The PNG ends after {bytes.Length} bytes without its IEND chunk.");
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            if (length > bytes.Length - at - 12)
                throw Rejected(RejectionReason.Truncated, $"The PNG chunk at byte {at} claims {length} bytes, {bytes.Length - at - 12} are left.");
            var body = bytes.Slice(at + 8, (int)length);
            var type = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]);
            if (PngCrc.Of(bytes.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + (int)length)..]))
                throw Rejected(RejectionReason.Corrupt, $"The PNG chunk at byte {at} fails its checksum.");
            if (size is null && (type != Tag('I', 'H', 'D', 'R') || length != 13))
                throw Rejected(RejectionReason.Corrupt, "The PNG does not start with a 13-byte IHDR chunk.");
            if (type == Tag('I', 'E', 'N', 'D'))
                return size!.Value;
            if (type == Tag('a', 'c', 'T', 'L'))
                throw Rejected(RejectionReason.Animated, "The PNG is animated (APNG); one still picture is expected.");
            size ??= (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
            at += 12 + (int)length;
        }
    }

    /// <summary>Reads a BMP's size; a negative height means rows from the top.</summary>
    public static (int Width, int Height) Bmp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 26)
            throw Rejected(RejectionReason.Truncated, $"The BMP ends inside its header, after {bytes.Length} bytes.");
        if (bytes[14] == 12)
            return (BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]));
        var height = BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]);
        return (BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]), height == int.MinValue ? int.MaxValue : Math.Abs(height));
    }

    private static ImageRejectedException JpegCut(int length) =>
        Rejected(RejectionReason.Truncated, $"The JPEG ends after {length} bytes without its end marker.");

    private static byte NextMarker(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (at < bytes.Length && bytes[at] != 0xFF)
            throw Rejected(RejectionReason.Corrupt, $"The JPEG has 0x{bytes[at]:X2} at byte {at} where a marker belongs.");
        while (at < bytes.Length && bytes[at] == 0xFF)
            at++;
        return at < bytes.Length ? bytes[at++] : throw JpegCut(bytes.Length);
    }

    private static bool IsFrameHeader(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static (int Width, int Height) FrameSize(ReadOnlySpan<byte> segment, byte marker)
    {
        if (marker is not (0xC0 or 0xC1 or 0xC2))
            throw Rejected(RejectionReason.UnsupportedFormat, $"The JPEG uses process SOF{marker - 0xC0}; baseline, extended and progressive Huffman are read.");
        if (segment.Length < 8)
            throw Rejected(RejectionReason.Corrupt, "The JPEG's frame header is too short.");
        if (segment[2] != 8)
            throw Rejected(RejectionReason.UnsupportedFormat, $"The JPEG has {segment[2]} bits a sample; 8 are read.");
        return (BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
    }

    /// <summary>Moves to the first marker after a scan: inside one, 0xFF is followed by a stuffed zero or a restart marker.</summary>
    private static void SkipEntropyCodedData(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= bytes.Length)
                throw JpegCut(bytes.Length);
            at += next;
            var code = bytes[at + 1];
            if (code is not (0x00 or (>= 0xD0 and <= 0xD7)))
                return;
            at += 2;
        }
    }

    private static uint Tag(char a, char b, char c, char d) => ((uint)a << 24) | ((uint)b << 16) | ((uint)c << 8) | d;

    private static ImageRejectedException Rejected(RejectionReason reason, string message) => new(reason, message);
}
