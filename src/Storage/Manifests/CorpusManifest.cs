using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>
/// What a corpus consists of. Written last: with the manifest, the corpus exists. Its canonical bytes' digest names the corpus, so nothing in it differs
/// between two runs of one recipe on the same inputs.
/// </summary>
public sealed partial record CorpusManifest
{
    /// <summary>The only format so far.</summary>
    public const string CurrentFormat = "factory-corpus/v1";

    /// <summary>Name of the manifest's file.</summary>
    public const string FileName = "manifest.json";

    // More are not believed, so that no sum of them overflows.
    private const long CountLimit = 1_000_000_000_000;

    /// <summary><see cref="CurrentFormat"/>.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>Name of the corpus; shards are named after it.</summary>
    public required string Name { get; init; }

    /// <summary>Always true.</summary>
    public bool Synthetic { get; init; } = true;

    /// <summary>The modality, <c>cfp</c> or <c>oct</c>.</summary>
    public required string Modality { get; init; }

    /// <summary>Side of the square images in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>The categories, in index order.</summary>
    public required CategoryList Categories { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Sha256Digest Recipe { get; init; }

    /// <summary>Digest of the generator's checkpoint.</summary>
    public required Sha256Digest Generator { get; init; }

    /// <summary>Digest of the classifier's checkpoint; absent where the generator is label-conditioned.</summary>
    public Sha256Digest? Classifier { get; init; }

    /// <summary>Seed of the corpus in decimal digits.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong Seed { get; init; }

    /// <summary>Number of samples.</summary>
    public required long Samples { get; init; }

    /// <summary>Samples of each category, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Samples left out, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Rejected { get; init; }

    /// <summary>Whether the background category's real images join pre-training. They are no part of the corpus, and of nothing that is shared.</summary>
    public required bool RealBackground { get; init; }

    /// <summary>The shards, in order.</summary>
    public required IReadOnlyList<ManifestShard> Shards { get; init; }

    /// <summary>The manifest's digest, which names the corpus.</summary>
    [JsonIgnore]
    public Sha256Digest Digest => Sha256Digest.Of(ToCanonicalBytes());

    /// <summary>File name of a shard.</summary>
    /// <param name="name">Name of the corpus.</param>
    /// <param name="number">Number of the shard, from 0, without gaps.</param>
    public static string ShardName(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}-train-{number:000000}.tar");

    /// <summary>The manifest's bytes.</summary>
    public byte[] ToCanonicalBytes() => CanonicalJson.Serialize(this);

    /// <summary>Reads a manifest and checks that it agrees with itself.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <exception cref="ManifestFormatException">It is no manifest, or contradicts itself.</exception>
    public static CorpusManifest Read(byte[] bytes, string file)
    {
        CorpusManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CorpusManifest>(bytes, CanonicalJson.Reading) ?? throw new ManifestFormatException(file, "it is empty.");
        }
        catch (JsonException damage)
        {
            throw new ManifestFormatException(file, $"it is no manifest ({damage.Path}, line {damage.LineNumber + 1}): {damage.Message}");
        }
        if (manifest.Contradiction() is { } contradiction) throw new ManifestFormatException(file, contradiction);
        if (!manifest.ToCanonicalBytes().AsSpan().SequenceEqual(bytes)) throw new ManifestFormatException(file, "it is not in canonical form; it was changed after it was written.");
        return manifest;
    }

    private string? Contradiction()
    {
        if (Format != CurrentFormat) return $"format is '{Format}'; this version reads {CurrentFormat}.";
        if (!Synthetic) return "synthetic is false; a corpus is synthetic.";
        // Shards are named after it: a name with slashes would lead out of the folder.
        if (!NamePattern().IsMatch(Name)) return $"name is '{Name}'; it has lower-case letters, digits, dots, dashes and underscores only, at most 128.";
        if (Modality is not ("cfp" or "oct")) return $"modality is '{Modality}'; it is cfp or oct.";
        if (ImageSize <= 0) return $"imageSize is {ImageSize}; it is at least 1.";
        if (Categories.Count < 2 || Categories.Names.Distinct(StringComparer.Ordinal).Count() != Categories.Count) return "categories are not at least two different names.";
        if (Categories.Background < 0 || Categories.Background >= Categories.Count) return $"categories.background is {Categories.Background}; there are {Categories.Count} categories.";
        return ContradictionOfCounts("counts", Counts) ?? ContradictionOfShards();
    }

    private string? ContradictionOfShards()
    {
        for (int number = 0; number < Shards.Count; number++)
        {
            ManifestShard shard = Shards[number];
            if (shard is null) return $"shards[{number}] is null.";
            if (shard.Name != ShardName(Name, number)) return $"shards[{number}].name is {shard.Name}; {ShardName(Name, number)} is next.";
            if (ContradictionOfCounts($"shards[{number}].counts", shard.Counts) is { } contradiction) return contradiction;
            if (shard.Counts.Values.Sum() != shard.Samples) return $"shards[{number}].counts add up to {shard.Counts.Values.Sum()}, samples is {shard.Samples}.";
        }
        if (Shards.Sum(shard => shard.Samples) != Samples) return $"the shards have {Shards.Sum(shard => shard.Samples)} samples, samples is {Samples}.";
        foreach (string category in Categories.Names)
        {
            long total = Shards.Sum(shard => shard.Counts.GetValueOrDefault(category));
            if (total != Counts.GetValueOrDefault(category)) return $"the shards have {total} samples of {category}, counts says {Counts.GetValueOrDefault(category)}.";
        }
        return null;
    }

    private string? ContradictionOfCounts(string field, IReadOnlyDictionary<string, long> counts)
    {
        foreach ((string category, long count) in counts)
        {
            if (!Categories.Names.Contains(category)) return $"{field} names {category}, which is none of the categories.";
            if (count is < 0 or > CountLimit) return $"{field}.{category} is {count}; it is 0 to {CountLimit}.";
        }
        return null;
    }

    [GeneratedRegex("^(?!\\.)[a-z0-9._-]{1,128}\\z")]
    private static partial Regex NamePattern();
}

/// <summary>One shard in a manifest.</summary>
public sealed record ManifestShard
{
    /// <summary>File name, see <see cref="CorpusManifest.ShardName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Length in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required Sha256Digest Sha256 { get; init; }

    /// <summary>Number of samples.</summary>
    public required long Samples { get; init; }

    /// <summary>Samples of each category, by name; categories without samples are left out.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }
}
