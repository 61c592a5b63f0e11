using Factory.Contracts.Recipes;

namespace Factory.Contracts.Api;

/// <summary>A checkpoint to register; its bytes are uploaded already.</summary>
public sealed record NewCheckpoint
{
    /// <summary>A name to call it by: lower-case letters, digits, dashes, dots, at most 63.</summary>
    public required string Name { get; init; }

    /// <summary>The uploaded safetensors blob.</summary>
    public required ObjectRef Object { get; init; }

    /// <summary>One of <see cref="CheckpointKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Architecture in words, such as <c>resnet18</c> or <c>global-generator</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The categories, in index order; none for <see cref="CheckpointKinds.Perceptual"/>.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Side of the network's square image in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>For a generator: digest of the classifier whose CAMs it was trained on.</summary>
    public Sha256Digest? Classifier { get; init; }

    /// <summary>For a generator: the lesion maps that it was trained on, in place of CAMs.</summary>
    public LesionMapSpec? Lesions { get; init; }
}

/// <summary>A registered checkpoint.</summary>
public sealed record CheckpointDetail
{
    /// <summary>The project it belongs to.</summary>
    public required string Project { get; init; }

    /// <summary>The checkpoint's name: what import called it, or <c>run-step</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The safetensors blob.</summary>
    public required ObjectRef Object { get; init; }

    /// <summary>One of <see cref="CheckpointKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Architecture in words.</summary>
    public required string Architecture { get; init; }

    /// <summary>The categories, in index order; none for <see cref="CheckpointKinds.Perceptual"/>.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Side of the network's square image in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>For a generator: digest of the classifier whose CAMs it was trained on.</summary>
    public Sha256Digest? Classifier { get; init; }

    /// <summary>For a generator: the lesion maps that it was trained on, in place of CAMs.</summary>
    public LesionMapSpec? Lesions { get; init; }

    /// <summary>The run that made it; absent when imported.</summary>
    public int? RunId { get; init; }

    /// <summary>The step that made it; absent when imported.</summary>
    public string? Step { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTime CreatedAt { get; init; }
}

/// <summary>How a sample was made: everything behind it, down to its source.</summary>
public sealed record SampleExplanation
{
    /// <summary>The sample's key.</summary>
    public required string Key { get; init; }

    /// <summary>Index in the corpus.</summary>
    public required long Index { get; init; }

    /// <summary>Name of the category.</summary>
    public required string Category { get; init; }

    /// <summary>The modality.</summary>
    public required Modality Modality { get; init; }

    /// <summary>The source image under a pseudonym, <c>collection@version/number</c>; absent where the generator is label-conditioned.</summary>
    public string? Source { get; init; }

    /// <summary>Pseudonym of the source's subject; absent with <see cref="Source"/>.</summary>
    public string? SourceSubject { get; init; }

    /// <summary>Digest of the source image; absent with <see cref="Source"/>.</summary>
    public Sha256Digest? SourceImage { get; init; }

    /// <summary>The second source, for manipulations that need one.</summary>
    public string? Partner { get; init; }

    /// <summary>Name of the manipulation.</summary>
    public required string Manipulation { get; init; }

    /// <summary>What the manipulation drew.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; init; }

    /// <summary>The sample's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The draw that was kept, from 0.</summary>
    public required int Draw { get; init; }

    /// <summary>Scores by name.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>Digest of the image member.</summary>
    public required Sha256Digest Image { get; init; }

    /// <summary>Digest of the generator's checkpoint.</summary>
    public required Sha256Digest Generator { get; init; }

    /// <summary>Digest of the classifier's checkpoint; absent where the generator is label-conditioned.</summary>
    public Sha256Digest? Classifier { get; init; }

    /// <summary>The shard that holds it.</summary>
    public required Sha256Digest Shard { get; init; }

    /// <summary>The run.</summary>
    public required int RunId { get; init; }

    /// <summary>The step.</summary>
    public required string Step { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest Recipe { get; init; }
}

/// <summary>A sample made again beside the one that was stored.</summary>
public sealed record SampleComparison
{
    /// <summary>Whether the bytes are the same.</summary>
    public required bool Identical { get; init; }

    /// <summary>Digest of the stored image member.</summary>
    public required Sha256Digest Stored { get; init; }

    /// <summary>The image made again; absent when it was rejected.</summary>
    public ObjectRef? Image { get; init; }

    /// <summary>The source's condition map before manipulation, a PNG; absent where there is no source.</summary>
    public ObjectRef? ConditionBefore { get; init; }

    /// <summary>The condition map the generator saw, a PNG; absent where it sees none.</summary>
    public ObjectRef? ConditionAfter { get; init; }
}
