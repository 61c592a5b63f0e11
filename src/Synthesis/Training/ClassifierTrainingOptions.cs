using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Training;

/// <summary>How a classifier is trained. The defaults are those of J-BHI 2022.</summary>
public sealed record ClassifierTrainingOptions
{
    /// <summary>What is trained.</summary>
    public required ClassifierArchitecture Architecture { get; init; }

    /// <summary>Names of the categories in index order; as many as the architecture has.</summary>
    public required IReadOnlyList<string> CategoryNames { get; init; }

    /// <summary>Epochs at most, at least 1. Default 80.</summary>
    public int Epochs { get; init; } = 80;

    /// <summary>Images drawn an epoch, with replacement, each category equally often; at least 1. Default 1200.</summary>
    public int DrawsPerEpoch { get; init; } = 1200;

    /// <summary>Images a step, at least 2 (batch norm). Default 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Initial learning rate, above 0. Default 1e-3; fine-tuning uses <see cref="FineTuningRate"/>.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>SGD momentum, 0 to below 1. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty, at least 0. Default 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>How images are varied. Default <see cref="Training.Augmentation.Paper"/>.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Paper;

    /// <summary>
    /// Batches of unvaried training images over which batch-norm statistics are recomputed after each epoch, at least 0. Default 20; 0 keeps
    /// the running means of training, as the published one did. Matters where epochs are short or the learning rate is high.
    /// Source: Wu and Johnson, arXiv 2105.07576.
    /// </summary>
    public int StatisticsBatches { get; init; } = 20;

    /// <summary>Seed of weights, draws and augmentation. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes of resized images kept in memory; more are resized again each time. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>The published learning rate for fine-tuning from given weights.</summary>
    public const double FineTuningRate = 1e-4;

    /// <summary>Steps of an epoch: draws by batch size, rounded up.</summary>
    public int StepsPerEpoch => (DrawsPerEpoch + BatchSize - 1) / BatchSize;

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it.</exception>
    public void Validate()
    {
        Architecture.Validate();
        if (CategoryNames.Count != Architecture.Categories)
            throw new ArgumentException($"{CategoryNames.Count} category names for {Architecture.Categories} categories.");
        if (Epochs < 1 || DrawsPerEpoch < 1 || BatchSize < 2 || (long)Epochs * StepsPerEpoch > int.MaxValue)
            throw new ArgumentException($"Epochs {Epochs} and draws per epoch {DrawsPerEpoch} must be at least 1, batch size {BatchSize} at least 2, and the steps fit 31 bits.");
        if (!(LearningRate > 0) || !(Momentum >= 0 && Momentum < 1) || !(WeightDecay >= 0))
            throw new ArgumentException($"Learning rate {LearningRate} must be above 0, momentum {Momentum} in 0 to below 1, weight decay {WeightDecay} at least 0.");
        if (StatisticsBatches < 0)
            throw new ArgumentException($"Statistics batches {StatisticsBatches} must be at least 0.");
        if (!Enum.IsDefined(Augmentation))
            throw new ArgumentException($"Augmentation {Augmentation} is unknown.");
    }
}
