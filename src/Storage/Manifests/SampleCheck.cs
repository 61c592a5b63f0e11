using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Storage.Shards;

namespace Factory.Storage.Manifests;

/// <summary>What checking one sample found.</summary>
/// <param name="Category">Its category, when it is known.</param>
/// <param name="Problems">Member and finding.</param>
internal sealed record SampleFindings(string? Category, IReadOnlyList<(string Member, string Finding)> Problems);

/// <summary>Checks one sample of a corpus: its members are there, agree with one another and with the manifest, and say that it is synthetic.</summary>
internal static class SampleCheck
{
    private const string SourceType = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    private static readonly HashSet<string> Needed = ["cls", "json", "png"];
    private static readonly HashSet<string> Allowed = ["cls", "json", "png", "cond.png", "cam.npy"];
    private static readonly byte[] SourceTypeBytes = Encoding.ASCII.GetBytes(SourceType);

    public static SampleFindings Check(CorpusManifest manifest, ShardSample sample)
    {
        List<(string, string)> problems = [];
        HashSet<string> extensions = [.. sample.Members.Select(member => member.Extension)];
        foreach (string missing in Needed.Except(extensions)) problems.Add((sample.Key, $"has no .{missing}"));
        foreach (string extra in extensions.Except(Allowed)) problems.Add(($"{sample.Key}.{extra}", "is no member of a sample"));
        string? category = CategoryOf(manifest, sample, problems);
        if (sample.Find("json") is { } json) CheckMetadata(manifest, sample.Key, json, category, problems);
        if (sample.Find("png") is { } png) CheckImage(manifest, sample.Key, png.Span, problems);
        return new(category, problems);
    }

    private static string? CategoryOf(CorpusManifest manifest, ShardSample sample, List<(string, string)> problems)
    {
        if (sample.Find("cls") is not { } content) return null;
        string text = Encoding.ASCII.GetString(content.Span);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < manifest.Categories.Count
            && text == index.ToString(CultureInfo.InvariantCulture))
        {
            return manifest.Categories.Names[index];
        }
        problems.Add(($"{sample.Key}.cls", $"is '{text}', no index of the {manifest.Categories.Count} categories"));
        return null;
    }

    private static void CheckMetadata(CorpusManifest manifest, string key, ReadOnlyMemory<byte> json, string? category, List<(string, string)> problems)
    {
        string member = key + ".json";
        SampleMetadata metadata;
        try
        {
            metadata = JsonSerializer.Deserialize<SampleMetadata>(json.Span, CanonicalJson.Reading) ?? throw new JsonException("it is empty");
        }
        catch (JsonException damage)
        {
            problems.Add((member, $"is no sample metadata: {damage.Message}"));
            return;
        }
        // Written back, it is the same bytes only when it holds the fields we know and no other: nothing of a source can hide in it.
        if (!metadata.ToCanonicalBytes().AsSpan().SequenceEqual(json.Span)) problems.Add((member, "holds more than a sample's metadata, or is not in canonical form"));
        if (metadata.Key != key) problems.Add((member, $"is of key {metadata.Key}"));
        if (!metadata.Synthetic) problems.Add((member, "does not say synthetic"));
        if (category is not null && metadata.Category.Name != category) problems.Add((member, $"says {metadata.Category.Name}, .cls says {category}"));
        if (manifest.Categories.IndexOf(metadata.Category.Name) != metadata.Category.Index) problems.Add((member, "category name and index do not agree"));
        if (metadata.Generator != manifest.Generator || metadata.Classifier != manifest.Classifier || metadata.Recipe != manifest.Recipe)
        {
            problems.Add((member, "names another generator, classifier or recipe than the manifest"));
        }
        if (metadata.Modality != manifest.Modality) problems.Add((member, $"is of modality {metadata.Modality}, the manifest says {manifest.Modality}"));
        if (metadata.Width != manifest.ImageSize || metadata.Height != manifest.ImageSize) problems.Add((member, $"says {metadata.Width}x{metadata.Height}, the manifest says {manifest.ImageSize}"));
    }

    private static void CheckImage(CorpusManifest manifest, string key, ReadOnlySpan<byte> png, List<(string, string)> problems)
    {
        string member = key + ".png";
        if (png.Length < 33 || !IsPng(png))
        {
            problems.Add((member, "is no PNG"));
            return;
        }
        int width = BinaryPrimitives.ReadInt32BigEndian(png[16..]), height = BinaryPrimitives.ReadInt32BigEndian(png[20..]);
        if (width != manifest.ImageSize || height != manifest.ImageSize) problems.Add((member, $"is {width}x{height}, the manifest says {manifest.ImageSize}"));
        if (png.IndexOf(SourceTypeBytes) < 0) problems.Add((member, "does not carry the IPTC mark of a synthetic image"));
    }

    private static bool IsPng(ReadOnlySpan<byte> content) => content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
}
