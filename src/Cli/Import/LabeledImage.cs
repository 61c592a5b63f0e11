using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>A source image with its category, and later its prepared image.</summary>
internal sealed record LabeledImage
{
    /// <summary>The source.</summary>
    public required SourceImage Source { get; init; }

    /// <summary>Category index.</summary>
    public required int Label { get; init; }

    /// <summary>The prepared image.</summary>
    public PreparedImageEntry? Prepared { get; init; }

    /// <summary>Its prepared lesion masks by kind; unset where it has none.</summary>
    public IReadOnlyDictionary<string, ObjectRef>? Lesions { get; init; }

    /// <summary>The modality.</summary>
    public Modality Modality => Source.Modality ?? Modality.Cfp;

    /// <summary>Everything that must stand on one side of a split together with this image.</summary>
    public IEnumerable<string> Identities()
    {
        if (Source.Subject is { } subject) yield return "subject:" + subject;
        if (Source.Eye is { } eye) yield return "eye:" + eye;
        foreach (string link in Source.Links) yield return link;
        yield return "source:" + Prepared!.Source.Hex;
        yield return "pixels:" + Prepared.Image.Digest.Hex;
    }
}
