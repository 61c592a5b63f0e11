namespace Factory.Contracts.Recipes;

/// <summary>The settings that every step which trains a classifier shares. Defaults are those of MMC-AMD (arXiv 2012.01879).</summary>
public abstract record ClassifierTrainingStep : RecipeStep
{
    /// <summary>At most this many epochs, 1 to 1000. Default 80.</summary>
    public int Epochs { get; init; } = 80;

    /// <summary>Images drawn (with replacement, categories evenly) in an epoch, 8 to 1,000,000. Default 1200.</summary>
    public int DrawsPerEpoch { get; init; } = 1200;

    /// <summary>Images of one optimization step, 1 to 512. Default 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Initial learning rate, above 0, at most 1. Unset: 1e-3, and 1e-4 when fine-tuning.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Augmentation: <c>paper</c> (default), <c>light</c> or <c>none</c>.</summary>
    public string Augmentation { get; init; } = "paper";

    /// <summary>Optimization steps of one segment (one work item), 10 to 100,000. Default 500.</summary>
    public int SegmentSteps { get; init; } = 500;

    /// <summary>How several replicas train it together. Unset: one learner, a chain of segments.</summary>
    public TrainingRounds? Rounds { get; init; }

    /// <summary>
    /// Trials of the step, 1 to <see cref="StepTrial.Most"/>, as a recipe writes it. Unset in a recipe that was read: there each further trial is a step of its own.
    /// </summary>
    public int? Trials { get; init; }
}

/// <summary>The settings of a step that trains a new classifier.</summary>
public abstract record NewClassifierStep : ClassifierTrainingStep
{
    /// <summary><c>resnet18</c> (default) or <c>resnet50</c>.</summary>
    public string Architecture { get; init; } = "resnet18";

    /// <summary>Channels of the first stage, 8 to 128. Default 64, the published width; less for small machines.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Input pixels to one CAM cell: 32 (default, published), 16 or 8. Less gives finer CAMs from small inputs.</summary>
    public int OutputStride { get; init; } = 32;

    /// <summary>Side of the square input in pixels, 32 to 1024, a multiple of 32. Default 256.</summary>
    public int Size { get; init; } = 256;
}

/// <summary>Trains a classifier on the collection's training images.</summary>
public sealed record TrainClassifierStep : NewClassifierStep
{
    /// <summary>What it sees; <see cref="StepModality.Both"/> makes it a classifier of two streams that learns from pairs. Unset: the recipe's modality.</summary>
    public StepModality? Modality { get; init; }

    /// <summary>How images of the two modalities are paired for training; only where it sees both. Unset: <see cref="Contracts.Pairing.Loose"/>.</summary>
    public Pairing? Pairing { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => [];
}

/// <summary>Trains a classifier on a synthetic corpus; validation is on real images.</summary>
public sealed record PretrainStep : NewClassifierStep
{
    /// <summary>The <c>Synthesize</c> step whose corpus is learned from; of CFP where there is an <see cref="OctCorpus"/>.</summary>
    public required string Corpus { get; init; }

    /// <summary>The <c>Synthesize</c> step of an OCT corpus: the classifier is then of two streams, and learns from loose pairs of the two corpora. Unset: one stream.</summary>
    public string? OctCorpus { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => OctCorpus is null ? [Corpus] : [Corpus, OctCorpus];
}

/// <summary>Trains a classifier further on the collection's real training images, at a lower learning rate.</summary>
public sealed record FineTuneStep : ClassifierTrainingStep
{
    /// <summary>The classifier to start from: a step that trains one, or a checkpoint.</summary>
    public required string From { get; init; }

    /// <summary>Side of the input in pixels. Unset: that of the classifier to start from; a checkpoint of another size is refused.</summary>
    public int? Size { get; init; }

    /// <summary>What it sees. Unset: what the step it starts from sees, and with a checkpoint the recipe's modality.</summary>
    public StepModality? Modality { get; init; }

    /// <summary>How images of the two modalities are paired for training; only where it sees both. Unset: <see cref="Contracts.Pairing.Loose"/>.</summary>
    public Pairing? Pairing { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => [From];
}

/// <summary>Trains a pix2pixHD generator from condition maps to images.</summary>
public sealed record TrainGeneratorStep : RecipeStep
{
    /// <summary>The <c>ComputeCams</c> step whose CAMs, or the <c>LesionMaps</c> step whose lesion maps condition the generator.</summary>
    public required string Cams { get; init; }

    /// <summary>Network and training sizes, one of <see cref="GeneratorPresets"/>.</summary>
    public required string Preset { get; init; }

    /// <summary>
    /// The stage-1 generator whose global part and discriminator are taken over: a <c>TrainGenerator</c> step, or a checkpoint, of the preset that
    /// <see cref="GeneratorPresets.Stages"/> names and of the same classifier. Unset: fresh weights.
    /// </summary>
    public string? From { get; init; }

    /// <summary>The registered checkpoint of VGG19 for the perceptual loss. Unset: the loss is off.</summary>
    public string? Perceptual { get; init; }

    /// <summary>Optimization steps from one preview grid and its distances to the next, 1 to 10,000,000. Unset: none.</summary>
    public int? PreviewSteps { get; init; }

    /// <summary>Optimization steps, 1 to 10,000,000. Unset: the preset's epochs over the training images.</summary>
    public int? Steps { get; init; }

    /// <summary>Optimization steps of one segment (one work item), 10 to 100,000. Default 500.</summary>
    public int SegmentSteps { get; init; } = 500;

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => new[] { Cams, From, Perceptual }.OfType<string>();
}

/// <summary>Trains a label-conditioned progressive GAN on the collection's training images: the baseline that knows a category and nothing of where its lesions are.</summary>
public sealed record TrainLabelGeneratorStep : RecipeStep
{
    /// <summary>Network and training sizes, one of <see cref="LabelGeneratorPresets"/>.</summary>
    public required string Preset { get; init; }

    /// <summary>Whose images it learns from. Unset: the recipe's modality.</summary>
    public Modality? Modality { get; init; }

    /// <summary>Optimization steps, at most 10,000,000 and at least the preset's <see cref="LabelGeneratorPreset.LeastSteps"/>. Unset: the preset's own.</summary>
    public int? Steps { get; init; }

    /// <summary>Optimization steps of one segment (one work item), 10 to 100,000. Default 500.</summary>
    public int SegmentSteps { get; init; } = 500;

    /// <summary>Optimization steps from one preview grid to the next, 1 to 10,000,000. Unset: none.</summary>
    public int? PreviewSteps { get; init; }

    /// <summary>Optimization steps of the whole training.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int TotalSteps => Steps ?? LabelGeneratorPresets.All[Preset].Steps;

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => [];
}
