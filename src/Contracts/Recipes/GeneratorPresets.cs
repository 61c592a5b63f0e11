namespace Factory.Contracts.Recipes;

/// <summary>The generator presets that recipes may name. What is behind a name is in the Synthesis project; a test holds the two together.</summary>
public static class GeneratorPresets
{
    /// <summary>Side of the generated image in pixels, by preset.</summary>
    public static IReadOnlyDictionary<string, int> Sizes { get; } = new Dictionary<string, int>
    {
        ["tiny"] = 64,
        ["tiny64"] = 64,
        ["tiny128"] = 128,
        ["small256"] = 256,
        ["paper256"] = 256,
    };
}
