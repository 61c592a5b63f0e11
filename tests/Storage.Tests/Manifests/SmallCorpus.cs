using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Factory.Contracts;
using Factory.Storage.Manifests;
using Factory.Storage.Objects;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Manifests;

/// <summary>A corpus of a few drawn samples, which a test may spoil before it is stored.</summary>
internal static class SmallCorpus
{
    public const int Size = 16;

    public const string Mark = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    public static readonly Sha256Digest Generator = Sha256Digest.Of("generator"u8);
    public static readonly Sha256Digest Classifier = Sha256Digest.Of("classifier"u8);
    public static readonly Sha256Digest Recipe = Sha256Digest.Of("recipe"u8);

    /// <summary>Two shards of three samples: keys k00 to k05, categories in turn.</summary>
    public static List<List<ShardSample>> Samples() =>
        [.. Enumerable.Range(0, 2).Select(shard => Enumerable.Range(shard * 3, 3).Select(index => Sample($"k{index:D2}", index % 4)).ToList())];

    public static ShardSample Sample(string key, int category, SampleMetadata? metadata = null) => new(key,
    [
        Text("cls", category.ToString(CultureInfo.InvariantCulture)),
        new("json", (metadata ?? Metadata(key, category)).ToCanonicalBytes()),
        new("png", Png(Size, Size)),
    ]);

    public static SampleMetadata Metadata(string key, int category) => new()
    {
        Key = key,
        Category = new(CategoryList.Amd.Names[category], category),
        Modality = "oct",
        Width = Size,
        Height = Size,
        Manipulation = new("trs", new Dictionary<string, double> { ["sigma"] = 0.1, ["angle"] = -3 }),
        Seed = ulong.MaxValue - (ulong)category,
        Generator = Generator,
        Classifier = Classifier,
        Recipe = Recipe,
        Scores = new Dictionary<string, double> { ["labelFidelity"] = 0.97 },
    };

    public static ShardMember Text(string extension, string text) => new(extension, Encoding.UTF8.GetBytes(text));

    public static async Task<CorpusManifest> StoreAsync(IObjectStore store, IReadOnlyList<IReadOnlyList<ShardSample>> samples)
    {
        List<ManifestShard> shards = [];
        foreach (IReadOnlyList<ShardSample> part in samples)
        {
            ObjectRef stored = await store.PutAsync(Shards.ShardBytes.Write(part), MediaTypes.Tar, CancellationToken.None);
            shards.Add(Describe(stored, shards.Count, part));
        }
        return Manifest([.. shards]);
    }

    public static CorpusManifest Manifest(params ManifestShard[] shards) => new()
    {
        Name = "tiny",
        Modality = "oct",
        Categories = CategoryList.Amd,
        ImageSize = Size,
        Recipe = Recipe,
        Seed = ulong.MaxValue,
        Generator = Generator,
        Classifier = Classifier,
        RealBackground = false,
        Shards = shards,
        Samples = shards.Sum(shard => shard.Samples),
        Counts = CategoryList.Amd.Names.Select(name => (name, Count: shards.Sum(shard => shard.Counts.GetValueOrDefault(name))))
            .Where(pair => pair.Count > 0).ToDictionary(pair => pair.name, pair => pair.Count),
        Rejected = new Dictionary<string, long> { ["labelFidelity"] = 2 },
    };

    public static ManifestShard Shard(int number, params int[] counts) => new()
    {
        Name = CorpusManifest.ShardName("tiny", number),
        Bytes = 1000,
        Sha256 = Sha256Digest.Of([(byte)number]),
        Samples = counts.Sum(),
        Counts = CategoryList.Amd.Names.Zip(counts).Where(pair => pair.Second > 0).ToDictionary(pair => pair.First, pair => (long)pair.Second),
    };

    public static byte[] Png(int width, int height, string mark = Mark)
    {
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        Chunk(png, "IHDR", header);
        Chunk(png, "iTXt", Encoding.ASCII.GetBytes("XML:com.adobe.xmp\0\0\0\0\0" + mark));
        Chunk(png, "IDAT", new byte[30]);
        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private static ManifestShard Describe(ObjectRef stored, int number, IReadOnlyList<ShardSample> samples)
    {
        int[] counts = new int[4];
        foreach (ShardSample sample in samples) counts[sample.Find("cls") is { } cls && int.TryParse(Encoding.ASCII.GetString(cls.Span), out int index) && index < 4 ? index : 0]++;
        return Shard(number, counts) with { Bytes = stored.Bytes, Sha256 = stored.Digest };
    }

    private static void Chunk(MemoryStream png, string type, byte[] content)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        png.Write([.. length, .. Encoding.ASCII.GetBytes(type), .. content, 1, 2, 3, 4]);
    }
}
