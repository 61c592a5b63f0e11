namespace Factory.Contracts.Work;

/// <summary>A checkpoint under the name a recipe gives it.</summary>
public sealed record NamedCheckpoint
{
    /// <summary>Name of the step, or the checkpoint reference as written. Entries of one name are trials of one model.</summary>
    public required string Name { get; init; }

    /// <summary>The trial of the step, from 1; absent: the first.</summary>
    public int? Trial { get; init; }

    /// <summary>The checkpoint.</summary>
    public required ObjectRef Checkpoint { get; init; }

    /// <summary>Where pairs are evaluated on, the modality that a classifier of one stream sees; absent for one of two streams.</summary>
    public Modality? Modality { get; init; }
}

/// <summary>Asks for classifiers to be evaluated on one split.</summary>
public sealed record EvaluateModels : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The dataset: JSON lines of <see cref="DatasetEntry"/>.</summary>
    public required ObjectRef Dataset { get; init; }

    /// <summary>The split to evaluate on.</summary>
    public required Split Split { get; init; }

    /// <summary>Whether strict pairs of the dataset's two modalities are evaluated on, and not the images of one.</summary>
    public bool Paired { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>The classifiers, in the order of the table; the trials of a model one after another.</summary>
    public required IReadOnlyList<NamedCheckpoint> Models { get; init; }

    /// <summary>Name of the model that the others are compared with; absent: the first.</summary>
    public string? Baseline { get; init; }

    /// <summary>Seed of the bootstrap.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>Says that an evaluation is stored: a JSON document of <see cref="EvaluationReport"/>.</summary>
public sealed record ModelsEvaluated
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The evaluation.</summary>
    public required ObjectRef Artifact { get; init; }

    /// <summary>What each model said of each image or pair: JSON lines of <see cref="ModelPrediction"/>, model by model. Absent where the dataset does not name source files.</summary>
    public ObjectRef? Predictions { get; init; }

    /// <summary>CAMs of the classifiers of two streams over some pairs of each category, a PNG; absent where there are none. Shows real images.</summary>
    public ObjectRef? ContactSheet { get; init; }
}

/// <summary>What one classifier said of one image, or of one pair.</summary>
public sealed record ModelPrediction
{
    /// <summary>Name of the model in the recipe.</summary>
    public required string Model { get; init; }

    /// <summary>The trial of the model, from 1; absent where it has one.</summary>
    public int? Trial { get; init; }

    /// <summary>SHA-256 of the source file of the image, or of the two of a pair, CFP first.</summary>
    public required IReadOnlyList<Sha256Digest> Images { get; init; }

    /// <summary>Index of the true category.</summary>
    public required int Label { get; init; }

    /// <summary>Probability of each category, in index order.</summary>
    public required IReadOnlyList<double> Probabilities { get; init; }
}

/// <summary>Scores of several classifiers on one split.</summary>
public sealed record EvaluationReport
{
    /// <summary>The split evaluated on.</summary>
    public required Split Split { get; init; }

    /// <summary>Number of images, or of pairs where <see cref="Paired"/>.</summary>
    public required int Images { get; init; }

    /// <summary>Whether it was evaluated on strict pairs of the two modalities.</summary>
    public bool Paired { get; init; }

    /// <summary>Category names, in index order.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>One entry a model, in the order asked for.</summary>
    public required IReadOnlyList<ModelScores> Models { get; init; }

    /// <summary>Each other model against the baseline, in the same order; absent where there is only one.</summary>
    public IReadOnlyList<ModelComparison>? Comparisons { get; init; }

    /// <summary>Subjects (or eyes, or images where those are unknown) that the intervals resample.</summary>
    public int? Subjects { get; init; }
}

/// <summary>Two models judged on the same images: what the second scores above the first, and between what it lies with a confidence of 95 %.</summary>
public sealed record ModelComparison
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the model it is compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>Difference of <see cref="ModelScores.Accuracy"/>.</summary>
    public ScoreDifference? Accuracy { get; init; }

    /// <summary>Difference of <see cref="ModelScores.SenSpeF1"/>.</summary>
    public ScoreDifference? SenSpeF1 { get; init; }

    /// <summary>Difference of <see cref="ModelScores.PrecisionRecallF1"/>.</summary>
    public ScoreDifference? PrecisionRecallF1 { get; init; }

    /// <summary>Difference of <see cref="ModelScores.Auc"/>.</summary>
    public ScoreDifference? Auc { get; init; }

    /// <summary>Difference of <see cref="ModelScores.Kappa"/>.</summary>
    public ScoreDifference? Kappa { get; init; }
}

/// <summary>
/// A difference of two means over trials, with its 95 % interval: percentiles of 1000 resamples of the subjects, the same for both models, the trials averaged within each. The interval
/// says what other subjects would change, not what other seeds would: that is what the deviation over trials says.
/// </summary>
public sealed record ScoreDifference
{
    /// <summary>The model's score minus the baseline's, on all images.</summary>
    public required double Difference { get; init; }

    /// <summary>Lower end.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end.</summary>
    public required double High { get; init; }
}

/// <summary>Scores of one classifier; of one with several trials their means. Undefined scores (a category without images) are absent.</summary>
public sealed record ModelScores
{
    /// <summary>Name of the model in the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>The checkpoint's digest; of several trials the first's.</summary>
    public required Sha256Digest Checkpoint { get; init; }

    /// <summary>Each trial by itself, in order; absent where there is one.</summary>
    public IReadOnlyList<TrialScores>? Trials { get; init; }

    /// <summary>Sample standard deviation over the trials; absent where there is one.</summary>
    public ScoreDeviation? Deviation { get; init; }

    /// <summary>Fraction of images classified rightly.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Macro average of 2*Sen*Spe/(Sen+Spe), MMC-AMD's F1.</summary>
    public double? SenSpeF1 { get; init; }

    /// <summary>Lower and upper end of the 95 % bootstrap interval of <see cref="SenSpeF1"/>.</summary>
    public IReadOnlyList<double>? SenSpeF1Interval { get; init; }

    /// <summary>Macro average of the harmonic mean of precision and recall.</summary>
    public double? PrecisionRecallF1 { get; init; }

    /// <summary>Macro average one-vs-rest area under the ROC curve.</summary>
    public double? Auc { get; init; }

    /// <summary>Cohen's kappa.</summary>
    public double? Kappa { get; init; }

    /// <summary>SenSpe F1 of each category.</summary>
    public required IReadOnlyList<double?> CategoryF1 { get; init; }

    /// <summary>Counts, rows the truth, columns the prediction; of several trials their sum.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }
}

/// <summary>Scores of one trial of a classifier.</summary>
public sealed record TrialScores
{
    /// <summary>The trial, from 1.</summary>
    public required int Trial { get; init; }

    /// <summary>The checkpoint's digest.</summary>
    public required Sha256Digest Checkpoint { get; init; }

    /// <summary>As <see cref="ModelScores.Accuracy"/>.</summary>
    public required double Accuracy { get; init; }

    /// <summary>As <see cref="ModelScores.SenSpeF1"/>.</summary>
    public double? SenSpeF1 { get; init; }

    /// <summary>As <see cref="ModelScores.PrecisionRecallF1"/>.</summary>
    public double? PrecisionRecallF1 { get; init; }

    /// <summary>As <see cref="ModelScores.Auc"/>.</summary>
    public double? Auc { get; init; }

    /// <summary>As <see cref="ModelScores.Kappa"/>.</summary>
    public double? Kappa { get; init; }
}

/// <summary>Sample standard deviations (over N - 1) of scores over the trials of a model; absent where a trial's score is undefined.</summary>
public sealed record ScoreDeviation
{
    /// <summary>Of <see cref="ModelScores.Accuracy"/>.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Of <see cref="ModelScores.SenSpeF1"/>.</summary>
    public double? SenSpeF1 { get; init; }

    /// <summary>Of <see cref="ModelScores.PrecisionRecallF1"/>.</summary>
    public double? PrecisionRecallF1 { get; init; }

    /// <summary>Of <see cref="ModelScores.Auc"/>.</summary>
    public double? Auc { get; init; }

    /// <summary>Of <see cref="ModelScores.Kappa"/>.</summary>
    public double? Kappa { get; init; }
}
