using Factory.Synthesis.Imaging;

namespace Factory.Synthesis.Phantoms;

/// <summary>A drawn image and the truth about where its lesions are.</summary>
public sealed class Phantom
{
    internal Phantom(RgbImage image, byte[] lesionMask) => (Image, LesionMask) = (image, lesionMask);

    /// <summary>The image, square.</summary>
    public RgbImage Image { get; }

    /// <summary>Row-major, height * width bytes: 255 where a lesion shows, else 0. All 0 for a normal eye.</summary>
    public byte[] LesionMask { get; }
}
