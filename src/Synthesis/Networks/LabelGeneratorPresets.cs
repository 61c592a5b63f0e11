namespace Factory.Synthesis.Networks;

/// <summary>Named architectures of label-conditioned generators.</summary>
public static class LabelGeneratorPresets
{
    /// <summary>The names <see cref="Find"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tiny64", "small128", "paper256", "paper512"];

    /// <summary>Finds a preset.</summary>
    /// <param name="name">
    /// <c>tiny64</c>: 32 channels, for a CPU and for tests. <c>small128</c>: 128 channels. Both have shorter noise, beside which the category weighs more.
    /// <c>paper256</c>, <c>paper512</c>: 512 channels and numbers of noise, as published.
    /// </param>
    /// <param name="categories">Number of categories K.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="ArgumentException">No preset has that name.</exception>
    public static LabelGeneratorArchitecture Find(string name, int categories) => name switch
    {
        "tiny64" => new() { Name = name, Categories = categories, Size = 64, Channels = 32, Noise = 32 },
        "small128" => new() { Name = name, Categories = categories, Size = 128, Channels = 128, Noise = 128 },
        "paper256" => new() { Name = name, Categories = categories, Size = 256 },
        "paper512" => new() { Name = name, Categories = categories, Size = 512 },
        _ => throw new ArgumentException($"Label generator preset '{name}' is unknown, expected one of {string.Join(", ", Names)}.", nameof(name)),
    };
}
