using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Training;

/// <summary>How a generator is trained. The defaults are those of the published stage 1.</summary>
public sealed record GeneratorTrainingOptions
{
    /// <summary>What is trained, and the load and crop sizes.</summary>
    public required GeneratorArchitecture Architecture { get; init; }

    /// <summary>Epochs at the full learning rate (niter), at least 1. Default 100.</summary>
    public int ConstantEpochs { get; init; } = 100;

    /// <summary>Epochs over which it falls linearly to 0 (niter_decay), at least 0. Default 100.</summary>
    public int DecayEpochs { get; init; } = 100;

    /// <summary>
    /// Steps in all, at least 1. When set, an epoch is this divided by the number of epochs, rounded up, whatever the number of pairs.
    /// Default unset: an epoch passes once over the pairs.
    /// </summary>
    public int? Steps { get; init; }

    /// <summary>Pairs a step, at least 1. Default 2.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>Adam's initial learning rate, above 0. Default 2e-4.</summary>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Whether pairs are flipped left to right with probability 0.5. Default true.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Weight of the feature matching loss, at least 0. Default 10.</summary>
    public double FeatureWeight { get; init; } = 10;

    /// <summary>Seed of weights, order, crops and flips. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes of resized pairs kept in memory; more are resized again each time. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Steps of an epoch.</summary>
    /// <param name="pairs">Number of pairs in the set.</param>
    /// <returns>At least 1.</returns>
    public int StepsPerEpoch(int pairs) => Steps is { } steps ? CeilingOf(steps, ConstantEpochs + DecayEpochs) : CeilingOf(pairs, BatchSize);

    /// <summary>Steps in all.</summary>
    /// <param name="pairs">Number of pairs in the set.</param>
    /// <returns>At least 1.</returns>
    public int TotalSteps(int pairs) => Steps ?? checked((ConstantEpochs + DecayEpochs) * StepsPerEpoch(pairs));

    /// <summary>The learning rate of an epoch: constant up to the one after niter, then linear towards 0.</summary>
    /// <param name="epoch">From 0 on.</param>
    /// <returns>The learning rate.</returns>
    public double RateOf(int epoch) =>
        epoch <= ConstantEpochs || DecayEpochs == 0 ? LearningRate : LearningRate * (1 - ((epoch - ConstantEpochs) / (double)DecayEpochs));

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it.</exception>
    public void Validate()
    {
        Architecture.Validate();
        if (ConstantEpochs < 1 || DecayEpochs < 0 || Steps < 1 || BatchSize < 1)
            throw new ArgumentException($"Constant epochs {ConstantEpochs}, steps {Steps} and batch size {BatchSize} must be at least 1, decay epochs {DecayEpochs} at least 0.");
        if (!(LearningRate > 0) || !(FeatureWeight >= 0))
            throw new ArgumentException($"Learning rate {LearningRate} must be above 0, feature weight {FeatureWeight} at least 0.");
    }

    private static int CeilingOf(int value, int by) => (value + by - 1) / by;
}
