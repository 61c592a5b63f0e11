namespace Factory.Contracts.Work;

/// <summary>One line of a dataset: a real image, or a shard of synthetic ones.</summary>
public sealed record DatasetEntry
{
    /// <summary>The image, or the shard (media type <see cref="MediaTypes.Tar"/>).</summary>
    public required ObjectRef Object { get; init; }

    /// <summary>Which side of the split it stands on.</summary>
    public required Split Split { get; init; }

    /// <summary>Category index of an image; absent for a shard, whose members carry their own.</summary>
    public int? Label { get; init; }

    /// <summary>Samples in a shard; 1 for an image.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Modality; absent where the dataset is of one.</summary>
    public Modality? Modality { get; init; }

    /// <summary>Number of the image's eye within the dataset, in datasets of pairs; absent where the eye is unknown.</summary>
    public int? Eye { get; init; }

    /// <summary>Number of the image's subject (or eye, or the image itself where subjects are unknown) in the collection, in datasets to be evaluated on: what is resampled as one.</summary>
    public int? Subject { get; init; }

    /// <summary>SHA-256 of the source file, in datasets to be evaluated on; what was predicted is kept under it.</summary>
    public Sha256Digest? Source { get; init; }
}

/// <summary>One source of synthesis: a real image, its category, and where its CAM or its lesion masks are. Position in the list is the source's number.</summary>
public sealed record CamSource
{
    /// <summary>The image.</summary>
    public required ObjectRef Image { get; init; }

    /// <summary>Category index.</summary>
    public required int Label { get; init; }

    /// <summary>Number of the source's subject (or eye, or the image itself where subjects are unknown) in the collection; only for caps, never released.</summary>
    public required int Subject { get; init; }

    /// <summary>The CAM block; absent where lesion maps stand in place of CAMs.</summary>
    public ObjectRef? Block { get; init; }

    /// <summary>Row in the CAM block.</summary>
    public int Row { get; init; }

    /// <summary>The lesion masks, grey PNGs of the image's size, by kind; a kind that is missing was not seen. Absent where there are CAMs.</summary>
    public IReadOnlyDictionary<string, ObjectRef>? Lesions { get; init; }
}

/// <summary>How one sample was made. Private: <see cref="Source"/> leads to a real image.</summary>
public sealed record SampleRecord
{
    /// <summary>The sample's key: 20 letters and digits, saying nothing of its source.</summary>
    public required string Key { get; init; }

    /// <summary>Index in the corpus.</summary>
    public required long Index { get; init; }

    /// <summary>The draw that was kept, from 0.</summary>
    public required int Draw { get; init; }

    /// <summary>Category index.</summary>
    public required int Label { get; init; }

    /// <summary>Number of the source in the list of sources; absent where the generator is label-conditioned.</summary>
    public int? Source { get; init; }

    /// <summary>Number of the second source, for manipulations that need one.</summary>
    public int? Partner { get; init; }

    /// <summary>Name of the manipulation; <see cref="Recipes.Manipulations.None"/> where there is no source.</summary>
    public required string Manipulation { get; init; }

    /// <summary>What the manipulation drew.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; init; }

    /// <summary>The sample's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>SHA-256 of the image member.</summary>
    public required Sha256Digest Image { get; init; }

    /// <summary>Scores by name, such as <c>labelFidelity</c>.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }
}
