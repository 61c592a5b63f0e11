using Factory.Contracts.Recipes;

namespace Factory.Contracts.Work;

/// <summary>Asks for the CAMs of a block of images.</summary>
public sealed record ComputeCamBlock : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The classifier's checkpoint.</summary>
    public required ObjectRef Classifier { get; init; }

    /// <summary>The images, in block order.</summary>
    public required IReadOnlyList<ObjectRef> Images { get; init; }
}

/// <summary>Says that a block of CAMs is stored: safetensors, one float32 tensor <c>cams</c> [n, K, h, w], rows in the order asked for.</summary>
public sealed record CamBlockComputed
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The CAM block.</summary>
    public required ObjectRef Artifact { get; init; }
}

/// <summary>How the samples of a corpus are drawn and made.</summary>
public sealed record SynthesisSpec
{
    /// <summary>Seed of the corpus; a sample's seed derives from it, the sample's index and its draw.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The modality; OCT lesions move along the retina only.</summary>
    public required Modality Modality { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Samples planned for each category, in index order.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>At most this many samples from one subject; absent: no cap.</summary>
    public int? PerSubject { get; init; }

    /// <summary>The manipulations to draw from; empty for a label-conditioned generator.</summary>
    public required IReadOnlyList<ManipulationChoice> Manipulations { get; init; }

    /// <summary>When a sample is rejected; absent: never.</summary>
    public RejectionRules? Reject { get; init; }

    /// <summary>What is measured of each sample, of <see cref="QualityMeasures"/>, in their order; absent: label fidelity, where <see cref="Reject"/> needs it.</summary>
    public IReadOnlyList<string>? Measures { get; init; }

    /// <summary>Samples generated at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether shards carry condition maps.</summary>
    public required bool KeepConditions { get; init; }

    /// <summary>The lesion maps that condition the generator; absent: CAMs, or nothing but a category.</summary>
    public LesionMapSpec? Lesions { get; init; }

    /// <summary>Number type of the generator's forward pass, <c>bfloat16</c>; absent: float32.</summary>
    public string? Precision { get; init; }

    /// <summary>Digest of the recipe, for the sample's metadata.</summary>
    public required Sha256Digest Recipe { get; init; }
}

/// <summary>Asks for one shard: samples <see cref="First"/> to <see cref="First"/> + <see cref="Count"/> - 1 of a corpus.</summary>
public sealed record GenerateShard : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The sources to draw from: JSON lines of <see cref="CamSource"/>; absent for a label-conditioned generator.</summary>
    public ObjectRef? Sources { get; init; }

    /// <summary>The generator's checkpoint.</summary>
    public required ObjectRef Generator { get; init; }

    /// <summary>The checkpoint of the classifier whose CAMs condition the generator. Absent for a label-conditioned generator and for one of lesion maps.</summary>
    public ObjectRef? Classifier { get; init; }

    /// <summary>The checkpoint of the classifier that judges samples; absent: <see cref="Classifier"/>.</summary>
    public ObjectRef? Judge { get; init; }

    /// <summary>The training images that samples are compared with: JSON lines of <see cref="DatasetEntry"/>; absent where nothing that is measured needs them.</summary>
    public ObjectRef? Training { get; init; }

    /// <summary>How samples are drawn and made.</summary>
    public required SynthesisSpec Synthesis { get; init; }

    /// <summary>Index of the first sample.</summary>
    public required long First { get; init; }

    /// <summary>Number of samples.</summary>
    public required int Count { get; init; }
}

/// <summary>Says that a shard is stored.</summary>
public sealed record ShardGenerated
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The shard, a tar.</summary>
    public required ObjectRef Artifact { get; init; }

    /// <summary>How each sample was made: JSON lines of <see cref="SampleRecord"/>. Private: it names sources.</summary>
    public required ObjectRef Provenance { get; init; }

    /// <summary>Samples of each category in the shard, in index order.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Samples left out, by reason: one of <see cref="QualityMeasures"/>, the first whose rule the last draw broke.</summary>
    public required IReadOnlyDictionary<string, int> Rejected { get; init; }

    /// <summary>Seconds spent in the generator's forward pass.</summary>
    public required double ForwardSeconds { get; init; }

    /// <summary>Seconds from the first input read to the last byte stored.</summary>
    public required double WallSeconds { get; init; }
}

/// <summary>Asks for one sample of a shard to be made again.</summary>
public sealed record RegenerateSample
{
    /// <summary>The shard's own invitation.</summary>
    public required GenerateShard Shard { get; init; }

    /// <summary>Index of the sample in the corpus.</summary>
    public required long Index { get; init; }
}

/// <summary>Answers <see cref="RegenerateSample"/>.</summary>
public sealed record SampleRegenerated
{
    /// <summary>The sample's image; absent when the sample was rejected again.</summary>
    public ObjectRef? Image { get; init; }

    /// <summary>The source's condition map, before manipulation, as the generator would see it; absent where there is no source.</summary>
    public ObjectRef? ConditionBefore { get; init; }

    /// <summary>The condition map the generator saw; absent where it sees none.</summary>
    public ObjectRef? ConditionAfter { get; init; }
}

/// <summary>Asks for a contact sheet of a corpus: source, overlay of CAM or lesions, condition map, each manipulation and its image, by category. Of a label-conditioned generator: some of its images, by category.</summary>
public sealed record RenderContactSheet : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The sources to draw from: JSON lines of <see cref="CamSource"/>; absent for a label-conditioned generator.</summary>
    public ObjectRef? Sources { get; init; }

    /// <summary>The generator's checkpoint.</summary>
    public required ObjectRef Generator { get; init; }

    /// <summary>The checkpoint of the classifier whose CAMs condition the generator; absent for a label-conditioned one and for one of lesion maps.</summary>
    public ObjectRef? Classifier { get; init; }

    /// <summary>How samples are drawn and made.</summary>
    public required SynthesisSpec Synthesis { get; init; }

    /// <summary>Rows for each category.</summary>
    public required int RowsPerCategory { get; init; }
}

/// <summary>Says that a contact sheet is stored. It shows real images: it is for the collection's owner, never part of a release.</summary>
public sealed record ContactSheetRendered
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The sheet, a PNG.</summary>
    public required ObjectRef Artifact { get; init; }
}
