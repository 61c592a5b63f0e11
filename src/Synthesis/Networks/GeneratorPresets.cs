namespace Factory.Synthesis.Networks;

/// <summary>Named generator architectures.</summary>
public static class GeneratorPresets
{
    /// <summary>The names <see cref="Find"/> knows. <c>tiny</c> is <c>tiny64</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tiny", "tiny64", "tiny128", "local128", "small256", "paper256", "paper512"];

    /// <summary>Finds a preset.</summary>
    /// <param name="name">
    /// <c>tiny64</c> (or <c>tiny</c>) and <c>tiny128</c>: for a CPU and for tests. <c>small256</c>: ngf 32.
    /// <c>paper256</c>: stage 1 of the published synthesis (ngf 64, 4 downsamplings, 9 blocks, batch norm, 272 cropped to 256).
    /// <c>paper512</c>: its stage 2, the local enhancer (ngf 32, 3 blocks, instance norm, 520 cropped to 512) around a global part like <c>paper256</c>.
    /// <c>local128</c>: the same around a global part like <c>tiny64</c>, for a CPU.
    /// </param>
    /// <param name="inputChannels">Channels of a condition map, K - 1.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="ArgumentException">No preset has that name.</exception>
    public static GeneratorArchitecture Find(string name, int inputChannels) => name switch
    {
        "tiny" or "tiny64" => new()
        {
            Name = "tiny64",
            Ngf = 16,
            Downsamplings = 2,
            Blocks = 3,
            Ndf = 16,
            Norm = NormKind.Instance,
            LoadSize = 68,
            Size = 64,
            InputChannels = inputChannels,
        },
        "tiny128" => new()
        {
            Name = "tiny128",
            Ngf = 16,
            Downsamplings = 3,
            Blocks = 3,
            Ndf = 16,
            Norm = NormKind.Instance,
            LoadSize = 136,
            Size = 128,
            InputChannels = inputChannels,
        },
        "local128" => Find("tiny64", inputChannels) with { Name = "local128", Ngf = 8, LocalBlocks = 1, LoadSize = 136, Size = 128 },
        "small256" => new()
        {
            Name = "small256",
            Ngf = 32,
            Downsamplings = 4,
            Blocks = 6,
            Ndf = 32,
            Norm = NormKind.Instance,
            LoadSize = 272,
            Size = 256,
            InputChannels = inputChannels,
        },
        "paper256" => new() { Name = "paper256", InputChannels = inputChannels },
        "paper512" => new()
        {
            Name = "paper512",
            Ngf = 32,
            LocalBlocks = 3,
            Norm = NormKind.Instance,
            LoadSize = 520,
            Size = 512,
            InputChannels = inputChannels,
        },
        _ => throw new ArgumentException($"Generator preset '{name}' is unknown, expected one of {string.Join(", ", Names)}.", nameof(name)),
    };
}
