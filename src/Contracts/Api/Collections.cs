namespace Factory.Contracts.Api;

/// <summary>What import did to the pixels, in this order; recorded in provenance.</summary>
public sealed record Preprocessing
{
    /// <summary>Whether images are cropped to a square around the field of view.</summary>
    public bool CropFieldOfView { get; init; }

    /// <summary>Whether CLAHE is applied to the L channel of LAB (clip limit 3.0, grid 20x30), to CFP only.</summary>
    public bool Clahe { get; init; }

    /// <summary>Whether a 3x3 median is applied, to OCT only.</summary>
    public bool Median { get; init; }

    /// <summary>Side of the square that images are resized to, in pixels; absent: own size.</summary>
    public int? Size { get; init; }
}

/// <summary>Asks which source files are prepared already.</summary>
public sealed record PreparedLookup
{
    /// <summary>Digest of the preprocessing, see <see cref="PreparedImageEntry.Preprocessing"/>.</summary>
    public required Sha256Digest Preprocessing { get; init; }

    /// <summary>Digests of source files, at most 10,000.</summary>
    public required IReadOnlyList<Sha256Digest> Sources { get; init; }
}

/// <summary>One source file and the blob that import made of it.</summary>
public sealed record PreparedImageEntry
{
    /// <summary>SHA-256 of the source file's bytes.</summary>
    public required Sha256Digest Source { get; init; }

    /// <summary>SHA-256 of the canonical description of preprocessing, modality and decoder version.</summary>
    public required Sha256Digest Preprocessing { get; init; }

    /// <summary>The prepared image.</summary>
    public required ObjectRef Image { get; init; }

    /// <summary>Width of the prepared image in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the prepared image in pixels.</summary>
    public required int Height { get; init; }
}

/// <summary>One image of a collection version.</summary>
public sealed record CollectionImageEntry
{
    /// <summary>Path of the source file relative to the imported folder, with forward slashes. Private.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the source file.</summary>
    public required Sha256Digest Source { get; init; }

    /// <summary>The prepared image.</summary>
    public required ObjectRef Image { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Category index.</summary>
    public required int Label { get; init; }

    /// <summary>The modality.</summary>
    public required Modality Modality { get; init; }

    /// <summary>The side of the split.</summary>
    public required Split Split { get; init; }

    /// <summary>The user's id of the subject; absent when unknown. Private.</summary>
    public string? Subject { get; init; }

    /// <summary>The user's id of the eye; absent when unknown. Private.</summary>
    public string? Eye { get; init; }

    /// <summary>Masks of the image's lesions by kind: grey PNGs of the image's size, 255 in a lesion and 0 elsewhere but at edges that were resized; absent where none were brought.</summary>
    public IReadOnlyDictionary<string, ObjectRef>? Lesions { get; init; }
}

/// <summary>A file that import refused, and why.</summary>
public sealed record RefusedFile
{
    /// <summary>Path relative to the imported folder.</summary>
    public required string Path { get; init; }

    /// <summary>One line.</summary>
    public required string Reason { get; init; }
}

/// <summary>A collection version to register.</summary>
public sealed record NewCollectionVersion
{
    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>The images, sorted by path.</summary>
    public required IReadOnlyList<CollectionImageEntry> Images { get; init; }

    /// <summary>Files refused.</summary>
    public required IReadOnlyList<RefusedFile> Refused { get; init; }

    /// <summary>What was done to the pixels.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>What the split was made by: <c>given</c>, <c>subject</c>, <c>eye</c> or <c>image</c>.</summary>
    public required string SplitBasis { get; init; }

    /// <summary>Layout the folder had: <c>folders</c>, <c>csv</c> or <c>mmc-amd</c>.</summary>
    public required string Layout { get; init; }

    /// <summary>Licence of the images, such as <c>CC-BY-4.0</c>; absent when not said.</summary>
    public string? License { get; init; }

    /// <summary>Terms of use in words; absent when not said.</summary>
    public string? Terms { get; init; }
}

/// <summary>Answers a registration.</summary>
public sealed record CollectionRegistered
{
    /// <summary>The version the images now stand under.</summary>
    public required CollectionSummary Collection { get; init; }

    /// <summary>Whether this made a new version; false when the latest one is the same.</summary>
    public required bool Created { get; init; }

    /// <summary>Images that the version before did not have.</summary>
    public required int Added { get; init; }

    /// <summary>Images that the version before had.</summary>
    public required int Removed { get; init; }

    /// <summary>Images whose label, split, subject or pixels changed.</summary>
    public required int Changed { get; init; }

    /// <summary>First few differences in words.</summary>
    public required IReadOnlyList<string> Examples { get; init; }
}

/// <summary>A collection version in a list.</summary>
public sealed record CollectionSummary
{
    /// <summary>The project it belongs to.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the collection, unique in the project.</summary>
    public required string Name { get; init; }

    /// <summary>Version, counted from 1.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the canonical list of images, labels, splits and terms.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Number of images.</summary>
    public required int Images { get; init; }

    /// <summary>Number of known subjects.</summary>
    public required int Subjects { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Licence; absent when not said.</summary>
    public string? License { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTime CreatedAt { get; init; }
}

/// <summary>A collection version in full, without its images.</summary>
public sealed record CollectionDetail
{
    /// <summary>Name, version, digest, counts.</summary>
    public required CollectionSummary Summary { get; init; }

    /// <summary>Counts: one entry for each modality and split that has images, with the count of each category in index order.</summary>
    public required IReadOnlyList<CollectionCount> Counts { get; init; }

    /// <summary>Images that have masks of lesions, by kind of lesion; empty where none have.</summary>
    public required IReadOnlyDictionary<string, int> Lesions { get; init; }

    /// <summary>What was done to the pixels.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>What the split was made by.</summary>
    public required string SplitBasis { get; init; }

    /// <summary>Layout of the imported folder.</summary>
    public required string Layout { get; init; }

    /// <summary>Terms of use; absent when not said.</summary>
    public string? Terms { get; init; }

    /// <summary>Files refused at import.</summary>
    public required IReadOnlyList<RefusedFile> Refused { get; init; }

    /// <summary>All versions of the collection, oldest first.</summary>
    public required IReadOnlyList<CollectionSummary> Versions { get; init; }
}

/// <summary>Image counts of one modality and split.</summary>
public sealed record CollectionCount
{
    /// <summary>The modality.</summary>
    public required Modality Modality { get; init; }

    /// <summary>The split.</summary>
    public required Split Split { get; init; }

    /// <summary>Images of each category, in index order.</summary>
    public required IReadOnlyList<int> Categories { get; init; }
}
