using Factory.Synthesis.Evaluation;

namespace Factory.GpuWorker.Quality;

/// <summary>What samples are measured by: figures of the real training images of a collection.</summary>
internal sealed record TrainingReference
{
    /// <summary>Median sharpness of training images of the samples' size; null where it was not asked for.</summary>
    public double? Sharpness { get; init; }

    /// <summary>The judge's features of every training image; null where they were not asked for.</summary>
    public FeatureSet? Features { get; init; }

    /// <summary>Median distance of training images to their nearest others in these features; null where they were not asked for.</summary>
    public double? NearestDistance { get; init; }

    /// <summary>About how much memory it holds.</summary>
    public long Bytes => Features is { } features ? (long)features.Count * features.Channels * sizeof(float) : 1;
}
