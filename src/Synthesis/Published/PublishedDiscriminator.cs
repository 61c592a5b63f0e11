namespace Factory.Synthesis.Published;

/// <summary>A discriminator that goes with a generator.</summary>
/// <param name="Weights">Its weights; their file must stay open until they are written.</param>
/// <param name="Origin">SHA-256 of the file they come from, in hexadecimal.</param>
public sealed record PublishedDiscriminator(PublishedWeights Weights, string Origin);
