using System.Text.Json;

namespace Factory.Synthesis.Networks;

/// <summary>
/// What a label-conditioned progressive generator and its discriminator look like. Level 0 works at 4x4 pixels, each level above at twice the side of the one below.
/// Source: Karras et al., ICLR 2018 (arXiv 1710.10196), table 2; Burlina et al., JAMA Ophthalmology 2019.
/// </summary>
public sealed record LabelGeneratorArchitecture
{
    /// <summary>Side in pixels of level 0.</summary>
    public const int FirstSize = 4;

    // Up to this side the channels stay; above, each doubling of the side halves them.
    private const int WideSize = 32;

    /// <summary>A name for people, such as the preset's. Default <c>custom</c>.</summary>
    public string Name { get; init; } = "custom";

    /// <summary>Number of categories K, at least 2.</summary>
    public required int Categories { get; init; }

    /// <summary>Side of the generated images in pixels: a power of 2, 8 to 1024. Default 256.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Channels of the levels up to 32 pixels, 8 to 1024, and enough that the last level has one. Default 512, the published number.</summary>
    public int Channels { get; init; } = 512;

    /// <summary>Length of the noise vector, 1 to 4096. Default 512, the published number.</summary>
    public int Noise { get; init; } = 512;

    /// <summary>Number of levels: 5 for 64 pixels.</summary>
    public int Levels => int.Log2(Size / FirstSize) + 1;

    /// <summary>Side of a level's images in pixels.</summary>
    /// <param name="level">0 to <see cref="Levels"/> - 1.</param>
    /// <returns>4 at level 0.</returns>
    public static int SizeAt(int level) => FirstSize << level;

    /// <summary>Channels of a level.</summary>
    /// <param name="level">0 to <see cref="Levels"/> - 1.</param>
    /// <returns><see cref="Channels"/> up to 32 pixels, then half as many a level: 16 at 1024 pixels of the published network.</returns>
    public int ChannelsAt(int level) => Channels * WideSize / Math.Max(WideSize, SizeAt(level));

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it, its value and what is allowed.</exception>
    public void Validate()
    {
        if (Categories < 2)
            throw new ArgumentException($"Label generator categories {Categories} must be at least 2.");
        if (Size is < 8 or > 1024 || !int.IsPow2(Size))
            throw new ArgumentException($"Label generator size {Size} must be a power of 2, 8 to 1024.");
        if (Channels is < 8 or > 1024 || ChannelsAt(Levels - 1) < 1)
            throw new ArgumentException($"Label generator channels {Channels} must be 8 to 1024, and at least {Size / WideSize} for {Size} pixels.");
        if (Noise is < 1 or > 4096)
            throw new ArgumentException($"Label generator noise {Noise} must be 1 to 4096.");
    }

    /// <summary>Formats the architecture as JSON for a checkpoint's metadata.</summary>
    /// <returns>One line of JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, CheckpointJson.Options);

    /// <summary>Parses and validates what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="CheckpointException">The JSON is malformed or a field is out of range.</exception>
    public static LabelGeneratorArchitecture FromJson(string json) =>
        CheckpointJson.ParseValid<LabelGeneratorArchitecture>(json, "label generator architecture", a => a.Validate());
}
