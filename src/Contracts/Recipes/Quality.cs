namespace Factory.Contracts.Recipes;

/// <summary>What can be measured of a synthetic sample: the names of its scores, and the reasons for which it is rejected. docs/quality.md says what each means.</summary>
public static class QualityMeasures
{
    /// <summary>Probability that the judge gives the sample's label, 0 to 1.</summary>
    public const string LabelFidelity = "labelFidelity";

    /// <summary>Pearson's correlation of the CAM that conditioned the sample and the judge's CAM of it, in the channel of its label, -1 to 1.</summary>
    public const string CamConsistency = "camConsistency";

    /// <summary>Variance of the Laplacian, relative to the median over training images of the same size, 0 and up.</summary>
    public const string Sharpness = "sharpness";

    /// <summary>Fraction of the expected circular field of view that is lit, 0 to 1; of CFP only.</summary>
    public const string FieldOfView = "fieldOfView";

    /// <summary>Distance to the nearest training image in the judge's features, relative to the median such distance between training images, 0 and up.</summary>
    public const string NearestTrainingDistance = "nearestTrainingDistance";

    /// <summary>All of them, in the order in which rules are looked at.</summary>
    public static IReadOnlyList<string> All { get; } = [LabelFidelity, CamConsistency, Sharpness, FieldOfView, NearestTrainingDistance];

    /// <summary>Whether a classifier has to be asked.</summary>
    /// <param name="measure">One of <see cref="All"/>.</param>
    public static bool NeedJudge(string measure) => measure is LabelFidelity or CamConsistency or NearestTrainingDistance;

    /// <summary>Whether training images have to be looked at.</summary>
    /// <param name="measure">One of <see cref="All"/>.</param>
    public static bool NeedTraining(string measure) => measure is Sharpness or NearestTrainingDistance;
}

/// <summary>What a recipe asks to have measured of a corpus.</summary>
public sealed record QualityRequest
{
    /// <summary>Default of <see cref="CorpusSamples"/>.</summary>
    public const int DefaultCorpusSamples = 2000;

    /// <summary>What is measured of each sample, of <see cref="QualityMeasures"/>. Unset: all that can be. What is rejected by is measured anyway.</summary>
    public IReadOnlyList<string>? Measures { get; init; }

    /// <summary>At most so many samples, and as many real images, are compared as sets, 0 to 20,000; 0: they are not. Default 2000.</summary>
    public int CorpusSamples { get; init; } = DefaultCorpusSamples;

    /// <summary>The classifier in whose features they are compared: a step that trains one, or a checkpoint. Unset: the judge.</summary>
    public string? Features { get; init; }
}
