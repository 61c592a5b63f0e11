using System.Text.Json.Serialization;
using Factory.Synthesis.Networks;

namespace Factory.Synthesis.Published;

/// <summary>Where a checkpoint's weights come from that others published.</summary>
public sealed record CheckpointOrigin
{
    private const string Key = "annotation.origin";

    /// <summary>SHA-256 of the file they were read from, in hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of the file that the discriminator was read from, in hexadecimal; null where none was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Discriminator { get; init; }

    /// <summary>How that file is written: <c>safetensors</c>, <c>torch</c>, <c>torch-legacy</c> or <c>torchscript</c>.</summary>
    public required string Format { get; init; }

    /// <summary>What was changed on the way in, a line each.</summary>
    public required IReadOnlyList<string> Changes { get; init; }

    /// <summary>Reads it from a checkpoint's metadata.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <returns>The origin; null where the weights were not published by others.</returns>
    /// <exception cref="CheckpointException">It is there, but not as this version writes it.</exception>
    public static CheckpointOrigin? Of(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(Key, out var json) ? CheckpointJson.Parse<CheckpointOrigin>(json, "origin") : null;
}
