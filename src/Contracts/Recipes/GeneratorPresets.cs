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
        ["local128"] = 128,
        ["small256"] = 256,
        ["paper256"] = 256,
        ["paper512"] = 512,
    };

    /// <summary>The preset of stage 1 that the global part of a stage-2 preset may be taken from; presets that are not here start from no other.</summary>
    public static IReadOnlyDictionary<string, string> Stages { get; } = new Dictionary<string, string>
    {
        ["local128"] = "tiny64",
        ["paper512"] = "paper256",
    };

    /// <summary>The preset under its own name: <c>tiny</c> is <c>tiny64</c>.</summary>
    /// <param name="name">Name or alias.</param>
    public static string Canonical(string name) => name == "tiny" ? "tiny64" : name;
}
