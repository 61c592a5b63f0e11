namespace Factory.Contracts;

/// <summary>What kinds of checkpoint may be registered.</summary>
public static class CheckpointKinds
{
    /// <summary>A classifier.</summary>
    public const string Classifier = "classifier";

    /// <summary>A classifier of two streams, CFP and OCT, judged together.</summary>
    public const string TwoStream = "two-stream";

    /// <summary>A generator from condition maps to images.</summary>
    public const string Generator = "generator";

    /// <summary>A generator from noise and category to images.</summary>
    public const string LabelGenerator = "label-generator";

    /// <summary>VGG19 for the perceptual loss; it knows no categories.</summary>
    public const string Perceptual = "perceptual";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Classifier, TwoStream, Generator, LabelGenerator, Perceptual];
}
