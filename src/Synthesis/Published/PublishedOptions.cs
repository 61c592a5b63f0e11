namespace Factory.Synthesis.Published;

/// <summary>What a file of weights does not say of itself.</summary>
public sealed record PublishedOptions
{
    /// <summary>Names of the categories in index order.</summary>
    public required IReadOnlyList<string> CategoryNames { get; init; }

    /// <summary>Index of the healthy category.</summary>
    public required int Background { get; init; }

    /// <summary>Side of the network's square image in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Whether the network was trained on images whose channels stood as blue, green, red. Default no.</summary>
    public bool Bgr { get; init; }

    /// <summary>For a generator: SHA-256 of the classifier whose CAMs it was trained on, in hexadecimal.</summary>
    public string? Classifier { get; init; }

    /// <summary>SHA-256 of the file the weights come from, in hexadecimal.</summary>
    public required string Origin { get; init; }

    /// <summary>For a generator: the discriminator it was trained against, which a second stage takes over. Default none: the generator can synthesize only.</summary>
    public PublishedDiscriminator? Discriminator { get; init; }
}
