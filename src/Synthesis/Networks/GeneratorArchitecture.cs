using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Synthesis.Networks;

/// <summary>What a condition-map generator and its discriminator look like, and the image sizes they work at.</summary>
public sealed record GeneratorArchitecture
{
    /// <summary>A name for people, such as the preset's. Default <c>custom</c>.</summary>
    public string Name { get; init; } = "custom";

    /// <summary>Channels after the generator's first convolution, at least 1; with a local enhancer the enhancer's, and the global part has twice as many. Default 64.</summary>
    public int Ngf { get; init; } = 64;

    /// <summary>Stride-2 convolutions, 0 to 6; each doubles the channels. Default 4.</summary>
    public int Downsamplings { get; init; } = 4;

    /// <summary>Residual blocks at the lowest resolution, at least 0. Default 9.</summary>
    public int Blocks { get; init; } = 9;

    /// <summary>Residual blocks of the local enhancer, at least 0. Default unset: a global generator without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LocalBlocks { get; init; }

    /// <summary>Channels of a condition map: categories without the background, K - 1. Default 3.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Normalization of generator and discriminator. Default <see cref="NormKind.Batch"/>.</summary>
    public NormKind Norm { get; init; } = NormKind.Batch;

    /// <summary>Channels after the discriminator's first convolution, at least 1. Default 64.</summary>
    public int Ndf { get; init; } = 64;

    /// <summary>Side in pixels a training pair is resized to before the crop; at least <see cref="Size"/>. Default 272.</summary>
    public int LoadSize { get; init; } = 272;

    /// <summary>Side in pixels of training crops and generated images; a multiple of 2 to the <see cref="Downsamplings"/>, of twice that with a local enhancer, at least 64. Default 256.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is out of range; the message names it, its value and what is allowed.</exception>
    public void Validate()
    {
        foreach (var (name, value) in new[] { (nameof(Ngf), Ngf), (nameof(InputChannels), InputChannels), (nameof(Ndf), Ndf) })
        {
            if (value < 1)
                throw new ArgumentException($"Generator {name} {value} must be at least 1.");
        }

        if (Downsamplings is < 0 or > 6)
            throw new ArgumentException($"Generator Downsamplings {Downsamplings} must be 0 to 6.");
        if (Blocks < 0)
            throw new ArgumentException($"Generator Blocks {Blocks} must be at least 0.");
        if (LocalBlocks < 0)
            throw new ArgumentException($"Generator LocalBlocks {LocalBlocks} must be at least 0.");
        var multiple = 1 << (LocalBlocks is null ? Downsamplings : Downsamplings + 1);
        if (Size < 64 || Size % multiple != 0)
            throw new ArgumentException($"Generator Size {Size} must be at least 64 and a multiple of {multiple}.");
        if (LoadSize < Size)
            throw new ArgumentException($"Generator LoadSize {LoadSize} must be at least its Size {Size}.");
    }

    /// <summary>Formats the architecture as JSON for a checkpoint's metadata.</summary>
    /// <returns>One line of JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, CheckpointJson.Options);

    /// <summary>Parses and validates what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="CheckpointException">The JSON is malformed or a field is out of range.</exception>
    public static GeneratorArchitecture FromJson(string json) =>
        CheckpointJson.ParseValid<GeneratorArchitecture>(json, "generator architecture", a => a.Validate());
}
