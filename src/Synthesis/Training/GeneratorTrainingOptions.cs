using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Training;

/// <summary>How a generator is trained. The defaults are those of the published stage 1.</summary>
public sealed record GeneratorTrainingOptions
{
    /// <summary>What the published training weighs the perceptual loss by.</summary>
    public const double PublishedPerceptualWeight = 10;

    /// <summary>What is trained, and the load and crop sizes.</summary>
    public required GeneratorArchitecture Architecture { get; init; }

    /// <summary>Epochs at the full learning rate (niter), at least 1. Default 100.</summary>
    public int ConstantEpochs { get; init; } = 100;

    /// <summary>Epochs over which it falls linearly to 0 (niter_decay), at least 0. Default 100.</summary>
    public int DecayEpochs { get; init; } = 100;

    /// <summary>
    /// First epochs that train only the local enhancer, at least 0 and less than all; then a fresh Adam trains everything. Default 0; above it needs a local
    /// enhancer and instance norm, which has nothing that moves without learning.
    /// </summary>
    public int FrozenEpochs { get; init; }

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

    /// <summary>Weight of the perceptual loss, at least 0; above 0 the training has to be given VGG19's weights. Default 0: off. The published weight is <see cref="PublishedPerceptualWeight"/>.</summary>
    public double PerceptualWeight { get; init; }

    /// <summary>Seed of weights, order, crops and flips. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes of resized pairs kept in memory; more are resized again each time. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>
    /// How the published training goes for a preset: 100 + 100 epochs of batches of 2, or with a local enhancer 50 + 50 of single pairs, whose global part
    /// stands still for the first 20 where it comes from stage 1.
    /// </summary>
    /// <param name="preset">Name of the preset.</param>
    /// <param name="inputChannels">Channels of a condition map, K - 1.</param>
    /// <param name="staged">Whether the global part is taken over from stage 1.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">No preset has that name, or it has no part to take over.</exception>
    public static GeneratorTrainingOptions OfPreset(string preset, int inputChannels, bool staged = false)
    {
        var architecture = GeneratorPresets.Find(preset, inputChannels);
        if (architecture.LocalBlocks is not null)
            return new() { Architecture = architecture, ConstantEpochs = 50, DecayEpochs = 50, BatchSize = 1, FrozenEpochs = staged ? 20 : 0 };
        return staged
            ? throw new ArgumentException($"Generator preset '{preset}' has no local enhancer and starts from no other.", nameof(staged))
            : new() { Architecture = architecture };
    }

    /// <summary>Steps in which only the local enhancer learns.</summary>
    /// <param name="pairs">Number of pairs in the set.</param>
    /// <returns>At least 0.</returns>
    public int FrozenSteps(int pairs) => checked(FrozenEpochs * StepsPerEpoch(pairs));

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
        if (!(LearningRate > 0) || !(FeatureWeight >= 0) || !(PerceptualWeight >= 0))
            throw new ArgumentException($"Learning rate {LearningRate} must be above 0, feature weight {FeatureWeight} and perceptual weight {PerceptualWeight} at least 0.");
        if (FrozenEpochs < 0 || FrozenEpochs >= ConstantEpochs + DecayEpochs)
            throw new ArgumentException($"Frozen epochs {FrozenEpochs} must be at least 0 and fewer than the {ConstantEpochs + DecayEpochs} there are.");
        if (FrozenEpochs > 0 && (Architecture.LocalBlocks is null || Architecture.Norm != NormKind.Instance))
            throw new ArgumentException($"Frozen epochs {FrozenEpochs} need a local enhancer with instance norm, which alone can learn beside a part that stands still.");
    }

    private static int CeilingOf(int value, int by) => (value + by - 1) / by;
}
