using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Training;

/// <summary>
/// How a label-conditioned generator is trained. Training goes by phases: level 0, then for each level above one in which it fades in and one in which it settles.
/// The defaults are the published ones (Karras et al., ICLR 2018, appendix A; Burlina et al., JAMA Ophthalmology 2019).
/// </summary>
public sealed record LabelGeneratorTrainingOptions
{
    /// <summary>Entries of <see cref="LabelGeneratorTraining.History"/> that a whole training makes, at most.</summary>
    public const int Records = 100;

    /// <summary>What is trained.</summary>
    public required LabelGeneratorArchitecture Architecture { get; init; }

    /// <summary>Real images shown in each phase, at least 1. Default 800,000.</summary>
    public int ImagesPerPhase { get; init; } = 800_000;

    /// <summary>Steps in all, at least <see cref="LeastSteps"/>; phases share them as they share the images. Default unset: each phase until its images are shown.</summary>
    public int? Steps { get; init; }

    /// <summary>Images a step, 2 to 512: the discriminator looks at the deviation over a batch. Default 16; at 256 pixels never more than 14, at 512 than 6, above than 3.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Adam's learning rate, above 0. Default 1e-3.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Weight of the gradient penalty (lambda), at least 0. Default 10.</summary>
    public double PenaltyWeight { get; init; } = 10;

    /// <summary>Weight of the square of the real images' scores, at least 0, which keeps scores from drifting. Default 1e-3.</summary>
    public double DriftWeight { get; init; } = 1e-3;

    /// <summary>Weight of the categories' cross entropy, at least 0. Default 1.</summary>
    public double CategoryWeight { get; init; } = 1;

    /// <summary>How much of the averaged generator stays in each step, 0 to below 1. Default 0.999.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Whether images are flipped left to right with probability 0.5. Default true.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Seed of weights, draws, flips and noise. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes of resized images kept in memory; more are resized again each time. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Number of phases.</summary>
    public int Phases => (2 * Architecture.Levels) - 1;

    /// <summary>Fewest steps of a training: two a phase.</summary>
    public int LeastSteps => Phases * 2;

    /// <summary>How a preset is trained: as published, or on fewer images where the preset is small.</summary>
    /// <param name="preset">Name of the preset.</param>
    /// <param name="categories">Number of categories K.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">No preset has that name.</exception>
    public static LabelGeneratorTrainingOptions OfPreset(string preset, int categories)
    {
        var options = new LabelGeneratorTrainingOptions { Architecture = LabelGeneratorPresets.Find(preset, categories) };
        return preset switch
        {
            "tiny64" => options with { ImagesPerPhase = 16_000, BatchSize = 8 },
            "small128" => options with { ImagesPerPhase = 100_000 },
            _ => options,
        };
    }

    /// <summary>The phase of a step.</summary>
    /// <param name="step">From 0 on, below <see cref="TotalSteps"/>.</param>
    /// <returns>The phase.</returns>
    public LabelPhase PhaseOf(int step)
    {
        var phase = Phases - 1;
        while (phase > 0 && step < FirstStepOf(phase))
            phase--;
        var (first, next) = (FirstStepOf(phase), FirstStepOf(phase + 1));
        var fading = phase % 2 == 1;
        return new LabelPhase(phase, LevelOf(phase), fading, fading ? (step - first + 0.5) / (next - first) : 1, first);
    }

    /// <summary>Steps in all.</summary>
    /// <returns>At least one a phase.</returns>
    public int TotalSteps => Steps ?? checked((int)PublishedFirst(Phases));

    /// <summary>Images of one step at a level.</summary>
    /// <param name="level">The level.</param>
    /// <returns>At least 2.</returns>
    public int BatchSizeAt(int level) => Math.Min(BatchSize, LabelGeneratorArchitecture.SizeAt(level) switch { <= 128 => BatchSize, 256 => 14, 512 => 6, _ => 3 });

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it.</exception>
    public void Validate()
    {
        Architecture.Validate();
        if (ImagesPerPhase < 1 || BatchSize is < 2 or > 512)
            throw new ArgumentException($"Images per phase {ImagesPerPhase} must be at least 1, batch size {BatchSize} 2 to 512.");
        if (Steps is { } steps && steps < LeastSteps)
            throw new ArgumentException($"Steps {steps} must be at least {LeastSteps}: {Phases} phases lead to {Architecture.Size} pixels.");
        if (!(LearningRate > 0) || !(PenaltyWeight >= 0) || !(DriftWeight >= 0) || !(CategoryWeight >= 0))
            throw new ArgumentException($"Learning rate {LearningRate} must be above 0; weights of penalty {PenaltyWeight}, drift {DriftWeight} and category {CategoryWeight} at least 0.");
        if (!(AverageDecay >= 0) || AverageDecay >= 1)
            throw new ArgumentException($"Average decay {AverageDecay} must be 0 to below 1.");
    }

    internal int StepsPerRecord => (TotalSteps + Records - 1) / Records;

    private static int LevelOf(int phase) => (phase + 1) / 2;

    private int FirstStepOf(int phase) => Steps is { } steps ? (int)(PublishedFirst(phase) * steps / PublishedFirst(Phases)) : (int)PublishedFirst(phase);

    private long PublishedFirst(int phase) => Enumerable.Range(0, phase).Sum(before => (long)Math.Ceiling(ImagesPerPhase / (double)BatchSizeAt(LevelOf(before))));
}

/// <summary>A phase of training, at one of its steps.</summary>
/// <param name="Number">From 0 on.</param>
/// <param name="Level">The highest level in use.</param>
/// <param name="Fading">Whether that level fades in.</param>
/// <param name="Alpha">How far it has faded in: above 0, below 1 while fading; else 1.</param>
/// <param name="FirstStep">The phase's first step.</param>
public readonly record struct LabelPhase(int Number, int Level, bool Fading, double Alpha, int FirstStep);
