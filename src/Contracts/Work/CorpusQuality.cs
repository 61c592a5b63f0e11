namespace Factory.Contracts.Work;

/// <summary>Asks for a corpus to be compared with the real training images, as sets.</summary>
public sealed record MeasureCorpus : IWorkCommand
{
    /// <inheritdoc/>
    public required WorkOrder Order { get; init; }

    /// <summary>The corpus: JSON lines of <see cref="DatasetEntry"/>, its shards in order.</summary>
    public required ObjectRef Corpus { get; init; }

    /// <summary>The training images of the categories that the corpus has: JSON lines of <see cref="DatasetEntry"/>.</summary>
    public required ObjectRef Training { get; init; }

    /// <summary>The checkpoint of the classifier in whose features they are compared.</summary>
    public required ObjectRef Features { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>At most so many samples are looked at, and as many training images.</summary>
    public required int Samples { get; init; }

    /// <summary>Images at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Seed of the draw of samples and images.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>Says that a corpus was compared with the real training images.</summary>
public sealed record CorpusMeasured
{
    /// <summary>The attempt that did it.</summary>
    public required AttemptRef Attempt { get; init; }

    /// <summary>What came of it: a JSON document of <see cref="CorpusQuality"/>.</summary>
    public required ObjectRef Artifact { get; init; }

    /// <summary>The figures over all categories.</summary>
    public required SetFigures All { get; init; }
}

/// <summary>How a corpus compares with the real training images of its categories.</summary>
public sealed record CorpusQuality
{
    /// <summary>Digest of the checkpoint of the classifier in whose features they were compared. Figures of another one are not comparable.</summary>
    public required Sha256Digest Features { get; init; }

    /// <summary>The figures over all categories.</summary>
    public required SetFigures All { get; init; }

    /// <summary>The figures of each category of which enough samples and images were drawn, in index order.</summary>
    public required IReadOnlyList<CategoryFigures> Categories { get; init; }

    /// <summary>How each score of the samples drawn is distributed, in order of names.</summary>
    public required IReadOnlyList<ScoreSpread> Scores { get; init; }
}

/// <summary>Figures of one category.</summary>
/// <param name="Category">Its name.</param>
/// <param name="Figures">The figures.</param>
public sealed record CategoryFigures(string Category, SetFigures Figures);

/// <summary>How two sets of images compare. A figure is absent where the sets are too small for it.</summary>
public sealed record SetFigures
{
    /// <summary>Synthetic samples compared.</summary>
    public required int Samples { get; init; }

    /// <summary>Real images compared.</summary>
    public required int Images { get; init; }

    /// <summary>Fréchet distance (FID) of the features, at least 0. Biased upwards in small sets.</summary>
    public double? Frechet { get; init; }

    /// <summary>Kernel distance (KID) of the features, unbiased; about 0 for sets of one distribution, below it by chance.</summary>
    public double? Kernel { get; init; }

    /// <summary>Fraction of the samples that lies within the manifold of the real images, 0 to 1.</summary>
    public double? Precision { get; init; }

    /// <summary>Fraction of the real images that lies within the manifold of the samples, 0 to 1.</summary>
    public double? Recall { get; init; }
}

/// <summary>How one score is distributed over samples.</summary>
public sealed record ScoreSpread
{
    /// <summary>Name of the score.</summary>
    public required string Score { get; init; }

    /// <summary>The value that 5 % of the samples are below.</summary>
    public required double Low { get; init; }

    /// <summary>The median.</summary>
    public required double Median { get; init; }

    /// <summary>The value that 95 % of the samples are below.</summary>
    public required double High { get; init; }
}
