namespace Factory.Contracts.Recipes;

/// <summary>Computes the CAMs of every training image, once for each pair of classifier and image.</summary>
public sealed record ComputeCamsStep : RecipeStep
{
    /// <summary>The classifier: a step that trains one, or a checkpoint.</summary>
    public required string Classifier { get; init; }

    /// <summary>Side of the classifier's input in pixels. Unset: the classifier's own; a checkpoint of another size is refused.</summary>
    public int? Size { get; init; }

    /// <summary>Whose images. Unset: those of the step that trained the classifier, and with a checkpoint of the recipe's modality.</summary>
    public Modality? Modality { get; init; }

    /// <summary>Images of one CAM block (one work item), 1 to 4096. Default 64.</summary>
    public int BlockSize { get; init; } = 64;

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => [Classifier];
}

/// <summary>Makes the lesion masks of the collection's training images the condition of a generator, in place of CAMs. An image without masks is left out, unless it is of the background category.</summary>
public sealed record LesionMapsStep : RecipeStep
{
    /// <summary>The kinds of lesion that become channels, in this order. Unset: every kind that the masks of the modality's training images are of, in ordinal order, but the background's name.</summary>
    public IReadOnlyList<string>? Kinds { get; init; }

    /// <summary>Rows and columns of a lesion map, 8 to 128. Default 32.</summary>
    public int Grid { get; init; } = 32;

    /// <summary>Whose images. Unset: the recipe's modality.</summary>
    public Modality? Modality { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => [];
}

/// <summary>What lesion maps are like: two generators of one spec understand the same maps.</summary>
public sealed record LesionMapSpec
{
    /// <summary>The kinds of lesion, a channel each, at least one.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>Rows and columns.</summary>
    public required int Grid { get; init; }

    /// <summary>Whether the other has the same kinds, in the same order, on the same grid.</summary>
    /// <param name="other">The other.</param>
    public bool Matches(LesionMapSpec? other) => other is not null && Grid == other.Grid && Kinds.SequenceEqual(other.Kinds);

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Kinds)} on {Grid}x{Grid}";
}

/// <summary>Generates a labelled synthetic corpus, in shards: from manipulated CAMs, or, where the generator is label-conditioned, from noise and category.</summary>
public sealed record SynthesizeStep : RecipeStep
{
    /// <summary>The generator: a <c>TrainGenerator</c> or <c>TrainLabelGenerator</c> step, or a checkpoint. What speaks of CAMs and sources has no place beside a label-conditioned one.</summary>
    public required string Generator { get; init; }

    /// <summary>The <c>ComputeCams</c> or <c>LesionMaps</c> step to draw sources from. Unset: the one the generator was trained on; needed when the generator is a checkpoint that takes CAMs.</summary>
    public string? Cams { get; init; }

    /// <summary>What the images are of. Unset: what the CAMs are of, else the generator; of a registered generator without CAMs the recipe's modality.</summary>
    public Modality? Modality { get; init; }

    /// <summary>Side of the images in pixels. Unset: the generator's own; a generator of another size is refused.</summary>
    public int? Size { get; init; }

    /// <summary>Samples of the corpus, 1 to 1,000,000,000. Unset: the sum of <see cref="Counts"/>.</summary>
    public long? Samples { get; init; }

    /// <summary>How samples fall on categories when <see cref="Counts"/> is unset: <c>categories</c> (default, evenly) or <c>sources</c> (as the training images do).</summary>
    public string Balance { get; init; } = "categories";

    /// <summary>Samples of each category by name; excludes <see cref="Samples"/>.</summary>
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    /// <summary>At most this many samples from one source subject. Unset: no cap.</summary>
    public int? PerSubject { get; init; }

    /// <summary>What becomes of the background category: <c>real</c> (default; its real images join pre-training, flagged), <c>synthesize</c> (from its own CAMs) or <c>none</c>.</summary>
    public string Background { get; init; } = "real";

    /// <summary>The manipulations to draw from, with weights, in ordinal order of names. Default: <c>flr</c>, <c>shift</c> and <c>trs</c>, weight 1 each.</summary>
    public IReadOnlyList<ManipulationChoice> Manipulations { get; init; } = ManipulationChoice.Defaults;

    /// <summary>When a sample is rejected. Unset: never.</summary>
    public RejectionRules? Reject { get; init; }

    /// <summary>What is measured of samples and corpus. Unset: of each sample what <see cref="Reject"/> needs, of the corpus nothing.</summary>
    public QualityRequest? Quality { get; init; }

    /// <summary>The classifier that judges samples: a step that trains one, or a checkpoint. Unset: the one whose CAMs condition the generator; a label-conditioned one and one of lesion maps have none.</summary>
    public string? Judge { get; init; }

    /// <summary>Samples of one shard (one work item), 1 to 10,000. Default 1000.</summary>
    public int ShardSize { get; init; } = 1000;

    /// <summary>Samples generated at once, 1 to 64. Default 4. Part of the recipe because it can change bits.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Whether shards also carry condition maps (<c>.cond.png</c>). Default false.</summary>
    public bool KeepConditions { get; init; }

    /// <summary>Number type of the generator's forward pass: unset is float32; <see cref="Bfloat16"/> is faster where the processor has it, and part of the recipe because it changes bits.</summary>
    public string? Precision { get; init; }

    /// <summary>The one <see cref="Precision"/> that is not the default.</summary>
    public const string Bfloat16 = "bfloat16";

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => new[] { Generator, Cams, Judge, Quality?.Features }.OfType<string>().Distinct();
}

/// <summary>One manipulation a corpus draws from.</summary>
public sealed record ManipulationChoice
{
    /// <summary>What a recipe without <c>manipulations</c> draws from.</summary>
    public static IReadOnlyList<ManipulationChoice> Defaults { get; } =
        [new() { Name = "flr" }, new() { Name = "shift" }, new() { Name = "trs" }];

    /// <summary>Name of the manipulation, one of <see cref="Manipulations"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Relative frequency, above 0. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Lower and upper end of the manipulation's parameter. Unset: the manipulation's own default.</summary>
    public IReadOnlyList<double>? Range { get; init; }
}

/// <summary>When a sample is rejected. A rejected sample is drawn again with another seed; what is still rejected then is counted, by the first of the rules that it breaks, and left out.</summary>
public sealed record RejectionRules
{
    /// <summary>Rejects a sample to which the judge gives its label a probability below this, 0 to 1. Unset: not checked.</summary>
    public double? LabelFidelityBelow { get; init; }

    /// <summary>Rejects a sample whose CAM correlates with the one that conditioned it by less than this, -1 to 1. Unset: not checked.</summary>
    public double? CamConsistencyBelow { get; init; }

    /// <summary>Rejects a sample less sharp than this part of the median training image, 0 to 100. Unset: not checked.</summary>
    public double? SharpnessBelow { get; init; }

    /// <summary>Rejects a fundus photograph of which less than this fraction of the expected field of view is lit, 0 to 1. Unset: not checked.</summary>
    public double? FieldOfViewBelow { get; init; }

    /// <summary>Rejects a sample nearer to a training image than this part of the median distance of training images to their nearest others, 0 to 100. Unset: not checked.</summary>
    public double? NearestTrainingDistanceBelow { get; init; }

    /// <summary>Further draws for a rejected sample, 0 to 20. Default 3.</summary>
    public int Redraws { get; init; } = 3;

    /// <summary>The threshold of a measure; null where there is none.</summary>
    /// <param name="measure">One of <see cref="QualityMeasures"/>.</param>
    public double? Below(string measure) => measure switch
    {
        QualityMeasures.LabelFidelity => LabelFidelityBelow,
        QualityMeasures.CamConsistency => CamConsistencyBelow,
        QualityMeasures.Sharpness => SharpnessBelow,
        QualityMeasures.FieldOfView => FieldOfViewBelow,
        QualityMeasures.NearestTrainingDistance => NearestTrainingDistanceBelow,
        _ => null,
    };
}

/// <summary>Evaluates classifiers on real images and tabulates them.</summary>
public sealed record EvaluateStep : RecipeStep
{
    /// <summary>The classifiers: steps that train one, or checkpoints; each further trial of a step (<see cref="StepTrial"/>) behind it.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The model that the others are compared with, as <see cref="Models"/> names it. Unset: the first.</summary>
    public string? Baseline { get; init; }

    /// <summary>The split to evaluate on. Default <see cref="Split.Test"/>.</summary>
    public Split Split { get; init; } = Split.Test;

    /// <summary>
    /// What is evaluated on: the images of one modality, or strict pairs, of which a classifier of one stream sees the image of its own modality. Unset: what all
    /// models see, and pairs where they differ.
    /// </summary>
    public StepModality? Modality { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<string> Inputs => Models;
}
