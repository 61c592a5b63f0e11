namespace Factory.Contracts.Recipes;

/// <summary>What a recipe has to know of a preset of label-conditioned generators.</summary>
/// <param name="Size">Side of the generated image in pixels.</param>
/// <param name="LeastSteps">Fewest optimization steps: two for each phase of the growing network.</param>
/// <param name="Steps">Optimization steps where a recipe says none.</param>
public sealed record LabelGeneratorPreset(int Size, int LeastSteps, int Steps);

/// <summary>The presets of label-conditioned generators that recipes may name. What is behind a name is in the Synthesis project; a test holds the two together.</summary>
public static class LabelGeneratorPresets
{
    /// <summary>The presets by name.</summary>
    public static IReadOnlyDictionary<string, LabelGeneratorPreset> All { get; } = new Dictionary<string, LabelGeneratorPreset>
    {
        ["tiny64"] = new(64, 18, 18_000),
        ["small128"] = new(128, 22, 68_750),
        ["paper256"] = new(256, 26, 664_286),
        ["paper512"] = new(512, 30, 930_954),
    };
}
