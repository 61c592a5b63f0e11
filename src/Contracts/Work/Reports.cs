namespace Factory.Contracts.Work;

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

    /// <summary>Previews of a generator's training, in order of steps.</summary>
    public IReadOnlyList<TrainingPreview>? Previews { get; init; }

    /// <summary>Synthetic samples of each category in index order.</summary>
    public IReadOnlyList<long>? Samples { get; init; }

    /// <summary>Samples left out, by reason.</summary>
    public IReadOnlyDictionary<string, long>? Rejected { get; init; }

    /// <summary>How a corpus compares with the real training images, a JSON document of <see cref="CorpusQuality"/>.</summary>
    public ObjectRef? Quality { get; init; }
}
