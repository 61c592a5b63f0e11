using System.Buffers.Binary;
using System.Text;

namespace Factory.Synthesis.Imaging;

/// <summary>
/// The XMP packet that marks an image as synthetic, and its place in a PNG (an iTXt chunk before the image data) and in a JPEG
/// (an APP1 segment after the JFIF header). Sources: Adobe XMP specification part 3; IPTC Photo Metadata Standard, Digital Source Type.
/// </summary>
internal static class SyntheticXmp
{
    public const string SourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    private const string Packet =
        "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
        + "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        + "<rdf:Description rdf:about=\"\" xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" "
        + "Iptc4xmpExt:DigitalSourceType=\"" + SourceType + "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>";

    // The length of signature + IHDR, which the PNG specification fixes: the first place a text chunk may stand.
    private const int PngHeaderLength = 8 + 12 + 13;

    internal static ReadOnlySpan<byte> PngPrefix => "XML:com.adobe.xmp\0\0\0\0\0"u8;

    internal static ReadOnlySpan<byte> JpegPrefix => "http://ns.adobe.com/xap/1.0/\0"u8;

    public static byte[] MarkPng(ReadOnlySpan<byte> png)
    {
        byte[] body = [.. "iTXt"u8, .. PngPrefix, .. Encoding.UTF8.GetBytes(Packet)];
        var chunk = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length - 4);
        body.CopyTo(chunk.AsSpan(4));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + body.Length), PngCrc.Of(body));
        return [.. png[..PngHeaderLength], .. chunk, .. png[PngHeaderLength..]];
    }

    public static byte[] MarkJpeg(ReadOnlySpan<byte> jpeg)
    {
        byte[] body = [.. JpegPrefix, .. Encoding.UTF8.GetBytes(Packet)];
        var length = body.Length + 2;
        byte[] segment = [0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. body];
        var at = jpeg[3] == 0xE0 ? 4 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[4..]) : 2;
        return [.. jpeg[..at], .. segment, .. jpeg[at..]];
    }
}
