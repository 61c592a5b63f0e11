using System.Text;

namespace Factory.Synthesis.Imaging;

/// <summary>The file formats told apart by their first bytes.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Tiff,
    Bmp,
    Gif,
    WebP,
    Jpeg2000,
    Heif,
    Dicom,
}

/// <summary>Recognizes a format by content; a file's name says nothing reliable.</summary>
internal static class ImageFormats
{
    public static ImageFormat Recognize(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => ImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => ImageFormat.Jpeg2000,
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => ImageFormat.Heif,
        // Two letters alone are too weak a sign: BMP's reserved words must be zero and its header size plausible.
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 or 40 or 52 or 56 or 64 or 108 or 124, 0, 0, 0, ..] => ImageFormat.Bmp,
        _ => bytes.Length > 132 && Encoding.ASCII.GetString(bytes.Slice(128, 4)) == "DICM" ? ImageFormat.Dicom : ImageFormat.Unknown,
    };
}
