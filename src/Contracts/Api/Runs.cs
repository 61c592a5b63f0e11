using Factory.Contracts.Recipes;

namespace Factory.Contracts.Api;

/// <summary>A run in a list.</summary>
public sealed record RunSummary
{
    /// <summary>The run's number.</summary>
    public required int Id { get; init; }

    /// <summary>The project it belongs to: that of its collection.</summary>
    public required string Project { get; init; }

    /// <summary>The recipe's name.</summary>
    public required string Name { get; init; }

    /// <summary>The collection, <c>name@version</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>The run's state.</summary>
    public required RunState State { get; init; }

    /// <summary>What went wrong, in one line; absent unless faulted.</summary>
    public string? Error { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest Recipe { get; init; }

    /// <summary>What changes bits, as pinned.</summary>
    public required Numerics Numerics { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it reached a final state.</summary>
    public DateTime? FinishedAt { get; init; }
}

/// <summary>A run at one moment.</summary>
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    public required RunSummary Run { get; init; }

    /// <summary>Its steps, in recipe order; the last is the report.</summary>
    public required IReadOnlyList<StepSnapshot> Steps { get; init; }

    /// <summary>Poisoned items.</summary>
    public required IReadOnlyList<PoisonedItem> Poisoned { get; init; }

    /// <summary>Whether the state is final.</summary>
    public bool IsFinal => Run.State is RunState.Completed or RunState.Faulted or RunState.Canceled;
}

/// <summary>A step at one moment.</summary>
public sealed record StepSnapshot
{
    /// <summary>Name in the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the step.</summary>
    public required string Kind { get; init; }

    /// <summary>The step's state.</summary>
    public required StepState State { get; init; }

    /// <summary>Items completed.</summary>
    public required int ItemsDone { get; init; }

    /// <summary>Items known of.</summary>
    public required int Items { get; init; }

    /// <summary>Units done, items in work included.</summary>
    public required long Done { get; init; }

    /// <summary>Units in all; 0 when unknown.</summary>
    public required long Total { get; init; }

    /// <summary>What a unit is: <c>steps</c>, <c>images</c>, <c>samples</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Units a second of late; absent before there is a measure.</summary>
    public double? Rate { get; init; }

    /// <summary>Seconds left at that rate; absent when unknown.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Seconds since the step began, or that it took.</summary>
    public double? Seconds { get; init; }

    /// <summary>A word on the state, such as a loss.</summary>
    public string? Note { get; init; }

    /// <summary>What the step made; absent until it is completed.</summary>
    public StepOutput? Output { get; init; }
}

/// <summary>What a step made. Which members are present depends on the step's kind.</summary>
public sealed record StepOutput
{
    /// <summary>The checkpoint of a training step.</summary>
    public ObjectRef? Checkpoint { get; init; }

    /// <summary>The training curve: JSON of <see cref="Work.TrainingCurve"/>.</summary>
    public ObjectRef? Curve { get; init; }

    /// <summary>The previews of a generator's training, in order of steps. They show real images.</summary>
    public IReadOnlyList<Work.TrainingPreview>? Previews { get; init; }

    /// <summary>The classifier behind CAMs, a generator or a corpus.</summary>
    public ObjectRef? Classifier { get; init; }

    /// <summary>The lesion maps behind a generator or a corpus, in place of CAMs.</summary>
    public LesionMapSpec? Lesions { get; init; }

    /// <summary>The sources whose CAMs or lesion masks are known: JSON lines of <see cref="Work.CamSource"/>.</summary>
    public ObjectRef? Sources { get; init; }

    /// <summary>The manifest of a corpus; its digest names the corpus.</summary>
    public ObjectRef? Manifest { get; init; }

    /// <summary>The contact sheet of a corpus, or of an evaluation of classifiers of two streams, a PNG. Shows real images.</summary>
    public ObjectRef? ContactSheet { get; init; }

    /// <summary>The evaluation: JSON of <see cref="Work.EvaluationReport"/>.</summary>
    public ObjectRef? Evaluation { get; init; }

    /// <summary>What each model of an evaluation said: JSON lines of <see cref="Work.ModelPrediction"/>.</summary>
    public ObjectRef? Predictions { get; init; }

    /// <summary>The run's report as HTML.</summary>
    public ObjectRef? Report { get; init; }

    /// <summary>The run's report as Markdown.</summary>
    public ObjectRef? ReportMarkdown { get; init; }

    /// <summary>Samples of each category of a corpus, in index order.</summary>
    public IReadOnlyList<long>? Samples { get; init; }

    /// <summary>Samples left out of a corpus, by reason.</summary>
    public IReadOnlyDictionary<string, long>? Rejected { get; init; }

    /// <summary>How a corpus compares with the real training images: JSON of <see cref="Work.CorpusQuality"/>; absent where it was not asked for.</summary>
    public ObjectRef? Quality { get; init; }

    /// <summary>Its figures over all categories.</summary>
    public Work.SetFigures? Figures { get; init; }

    /// <summary>Seconds in the generator's forward pass, summed over shards.</summary>
    public double? ForwardSeconds { get; init; }

    /// <summary>Seconds of shard generation, summed over shards.</summary>
    public double? WallSeconds { get; init; }
}

/// <summary>An item whose attempts are used up.</summary>
public sealed record PoisonedItem
{
    /// <summary>The item.</summary>
    public required long ItemId { get; init; }

    /// <summary>Its step.</summary>
    public required string Step { get; init; }

    /// <summary>Its number within the step, from 0.</summary>
    public required long Ordinal { get; init; }

    /// <summary>Attempts made.</summary>
    public required int Attempts { get; init; }

    /// <summary>Its last error.</summary>
    public required string Error { get; init; }
}

/// <summary>What a recipe would do.</summary>
public sealed record RecipePlan
{
    /// <summary>The recipe's name.</summary>
    public required string Name { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest Recipe { get; init; }

    /// <summary>The collection, <c>name@version</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>What changes bits, as it would be pinned.</summary>
    public required Numerics Numerics { get; init; }

    /// <summary>The steps, in the order they can be begun.</summary>
    public required IReadOnlyList<PlannedStep> Steps { get; init; }
}

/// <summary>One step of a plan.</summary>
public sealed record PlannedStep
{
    /// <summary>Name in the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the step.</summary>
    public required string Kind { get; init; }

    /// <summary>Work items, at most (training may end early; cached CAMs are not computed again).</summary>
    public required long Items { get; init; }

    /// <summary>Units of the step.</summary>
    public required long Units { get; init; }

    /// <summary>What a unit is.</summary>
    public required string Unit { get; init; }

    /// <summary>Units of one item; the last may have fewer.</summary>
    public long? ItemUnits { get; init; }

    /// <summary>What to expect on each kind of device that such work was measured on, the run's own first. Empty or absent: not measured yet.</summary>
    public IReadOnlyList<StepForecast>? Forecasts { get; init; }

    /// <summary>For a step whose recipe sets the size of its shards: samples of a shard that takes about a minute on the run's kind of device; absent when unknown.</summary>
    public int? MinuteShard { get; init; }
}

/// <summary>What one step would take on one kind of device, by the attempts measured of late.</summary>
public sealed record StepForecast
{
    /// <summary>Kind of device, <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Units a second of one worker.</summary>
    public required double UnitsPerSecond { get; init; }

    /// <summary>Attempts that were measured.</summary>
    public required int Attempts { get; init; }

    /// <summary>Seconds of one item.</summary>
    public required double ItemSeconds { get; init; }

    /// <summary>Seconds of the step with one worker; absent when its units are not known.</summary>
    public double? StepSeconds { get; init; }
}
