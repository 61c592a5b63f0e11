using System.Text.Json.Serialization;
using Factory.Contracts;
using Factory.Storage.Manifests;

namespace Factory.Storage.Shards;

/// <summary>The <c>.json</c> member of a synthetic sample. Released with the image: nothing in it leads to a source.</summary>
public sealed record SampleMetadata
{
    /// <summary>The sample's key.</summary>
    public required string Key { get; init; }

    /// <summary>The category.</summary>
    public required SampleCategory Category { get; init; }

    /// <summary>The modality, <c>cfp</c> or <c>oct</c>.</summary>
    public required string Modality { get; init; }

    /// <summary>Width of the image in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the image in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Always true.</summary>
    public bool Synthetic { get; init; } = true;

    /// <summary>The manipulation, with what it drew; <c>none</c> where the generator is label-conditioned.</summary>
    public required SampleManipulation Manipulation { get; init; }

    /// <summary>The sample's seed in decimal digits: JSON numbers do not carry 64 bits.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong Seed { get; init; }

    /// <summary>Digest of the generator's checkpoint.</summary>
    public required Sha256Digest Generator { get; init; }

    /// <summary>Digest of the classifier's checkpoint; absent where the generator is label-conditioned.</summary>
    public Sha256Digest? Classifier { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest Recipe { get; init; }

    /// <summary>Scores by name, such as <c>labelFidelity</c>.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>The member's bytes.</summary>
    public byte[] ToCanonicalBytes() => CanonicalJson.Serialize(this);
}

/// <summary>Category of a sample.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its index.</param>
public sealed record SampleCategory(string Name, int Index);

/// <summary>Manipulation of a sample.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">What it drew, by name.</param>
public sealed record SampleManipulation(string Name, IReadOnlyDictionary<string, double> Parameters);
