namespace Factory.Synthesis.Imaging;

/// <summary>What an encoded image says about where it came from.</summary>
public enum ImageMarking
{
    /// <summary>Nothing: no metadata at all. For real images, re-encoded from pixels.</summary>
    None,

    /// <summary>
    /// XMP with <c>Iptc4xmpExt:DigitalSourceType</c> = <c>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</c>,
    /// the IPTC's mark of media made by a trained model, and no other metadata.
    /// </summary>
    Synthetic,
}
