namespace Factory.Synthesis.Imaging;

/// <summary>The sizes within which <see cref="ImageDecoder"/> accepts a file. They are checked against the header, before any pixel is decoded.</summary>
public sealed record DecodeLimits
{
    /// <summary>The limits that apply where the caller has no reason for others.</summary>
    public static DecodeLimits Default { get; } = new();

    /// <summary>Most pixels (width times height) an image may have. Default 100,000,000.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Fewest pixels either side may have. Default 64, the smallest input of a network here.</summary>
    public int MinSide { get; init; } = 64;

    /// <summary>Most bytes a file may have. Default 256 MiB.</summary>
    public long MaxBytes { get; init; } = 256L << 20;
}
