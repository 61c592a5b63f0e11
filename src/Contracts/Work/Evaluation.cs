namespace Factory.Contracts.Work;

/// <summary>A checkpoint under the name a recipe gives it.</summary>
public sealed record NamedCheckpoint
{
    /// <summary>Name of the step, or the checkpoint reference as written.</summary>
    public required string Name { get; init; }

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

    /// <summary>The classifiers, in the order of the table.</summary>
    public required IReadOnlyList<NamedCheckpoint> Models { get; init; }

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
}

/// <summary>Scores of one classifier. Undefined scores (a category without images) are absent.</summary>
public sealed record ModelScores
{
    /// <summary>Name of the model in the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>The checkpoint's digest.</summary>
    public required Sha256Digest Checkpoint { get; init; }

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

    /// <summary>Counts, rows the truth, columns the prediction.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }
}

/// <summary>Asks for the report of a run.</summary>
public sealed record RenderReport : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>What to report: a JSON document of <see cref="ReportContent"/>.</summary>
    public required ObjectRef Content { get; init; }
}

/// <summary>Says that a report is stored.</summary>
public sealed record ReportRendered
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>The report, one self-contained HTML page.</summary>
    public required ObjectRef Artifact { get; init; }

    /// <summary>The same as Markdown.</summary>
    public required ObjectRef Markdown { get; init; }
}

/// <summary>What the report of a run shows.</summary>
public sealed record ReportContent
{
    /// <summary>The run.</summary>
    public required int RunId { get; init; }

    /// <summary>The recipe's name.</summary>
    public required string Name { get; init; }

    /// <summary>The recipe as submitted.</summary>
    public required string Recipe { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest RecipeDigest { get; init; }

    /// <summary>The collection, <c>name@version</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>Digest of the collection version.</summary>
    public required Sha256Digest CollectionDigest { get; init; }

    /// <summary>What changed bits.</summary>
    public required Recipes.Numerics Numerics { get; init; }

    /// <summary>The categories.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>
    /// Images of the modality that the recipe uses: for each split, the count of each category in index order. Where it uses both, for each split and modality,
    /// under names such as <c>Train, CFP</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<int>> Images { get; init; }

    /// <summary>The steps, in recipe order.</summary>
    public required IReadOnlyList<ReportStep> Steps { get; init; }
}

/// <summary>One step in a report.</summary>
public sealed record ReportStep
{
    /// <summary>Name of the step.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the step.</summary>
    public required string Kind { get; init; }

    /// <summary>Number of work items.</summary>
    public required int Items { get; init; }

    /// <summary>Digest of the step's output.</summary>
    public Sha256Digest? Output { get; init; }

    /// <summary>Training curve, a JSON document of <see cref="TrainingCurve"/>.</summary>
    public ObjectRef? Curve { get; init; }

    /// <summary>Evaluation, a JSON document of <see cref="EvaluationReport"/>.</summary>
    public ObjectRef? Evaluation { get; init; }

    /// <summary>Contact sheet of a corpus or of an evaluation, a PNG.</summary>
    public ObjectRef? ContactSheet { get; init; }

    /// <summary>Synthetic samples of each category in index order.</summary>
    public IReadOnlyList<long>? Samples { get; init; }

    /// <summary>Samples left out, by reason.</summary>
    public IReadOnlyDictionary<string, long>? Rejected { get; init; }

    /// <summary>How a corpus compares with the real training images, a JSON document of <see cref="CorpusQuality"/>.</summary>
    public ObjectRef? Quality { get; init; }
}
