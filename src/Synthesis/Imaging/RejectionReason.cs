namespace Factory.Synthesis.Imaging;

/// <summary>Why a file was refused as an image.</summary>
public enum RejectionReason
{
    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The first bytes are those of no image format known here.</summary>
    NotAnImage,

    /// <summary>An image, but of a format or a variant that is not read (GIF, WebP, HEIC, JPEG 2000, DICOM, arithmetic JPEG...).</summary>
    UnsupportedFormat,

    /// <summary>The file holds several frames or pages, and which one is meant is unknown.</summary>
    Animated,

    /// <summary>More pixels or bytes than <see cref="DecodeLimits"/> allow.</summary>
    TooManyPixels,

    /// <summary>A side is shorter than <see cref="DecodeLimits.MinSide"/>.</summary>
    TooSmall,

    /// <summary>The file ends before its image does.</summary>
    Truncated,

    /// <summary>The file contradicts its own format.</summary>
    Corrupt,
}
