using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Manifests;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Runs.Steps;

/// <summary>Sums up the shards of a corpus as they are read, in order.</summary>
internal sealed class CorpusTally(CategoryList categories)
{
    private readonly long[] _counts = new long[categories.Count];
    private readonly SortedDictionary<string, long> _rejected = new(StringComparer.Ordinal);

    public List<ShardGenerated> Shards { get; } = [];

    public IReadOnlyList<long> Counts => _counts;

    public IReadOnlyDictionary<string, long> Rejected => _rejected;

    public double ForwardSeconds { get; private set; }

    public double WallSeconds { get; private set; }

    public void Add(ShardGenerated shard)
    {
        // A shard all of whose samples were rejected is no file of the corpus: numbers stay contiguous.
        if (shard.Counts.Sum() > 0) Shards.Add(shard);
        for (int label = 0; label < _counts.Length; label++) _counts[label] += shard.Counts[label];
        foreach ((string reason, int count) in shard.Rejected) _rejected[reason] = _rejected.GetValueOrDefault(reason) + count;
        ForwardSeconds += shard.ForwardSeconds;
        WallSeconds += shard.WallSeconds;
    }
}

/// <summary>Seals a corpus: its manifest, in which nothing differs between two runs of one recipe.</summary>
internal static class CorpusSealing
{
    public static CorpusManifest Manifest(StepScope scope, SynthesizeStep step, Checkpoint generator, CorpusTally tally)
    {
        string name = $"{scope.Run.Name}-{step.Name}".ToLowerInvariant();
        CategoryList categories = scope.Categories;
        return new()
        {
            Name = name,
            Modality = scope.Modality.ToString().ToLowerInvariant(),
            ImageSize = generator.Size,
            Categories = categories,
            Recipe = scope.Run.RecipeDigest,
            Generator = generator.Digest,
            Classifier = generator.Classifier,
            Seed = scope.Seed,
            Samples = tally.Counts.Sum(),
            Counts = ByName(categories, tally.Counts),
            Rejected = tally.Rejected,
            RealBackground = step.Background == "real",
            Shards = [.. tally.Shards.Select((shard, number) => new ManifestShard
            {
                Name = CorpusManifest.ShardName(name, number),
                Bytes = shard.Artifact.Bytes,
                Sha256 = shard.Artifact.Digest,
                Samples = shard.Counts.Sum(),
                Counts = ByName(categories, shard.Counts.Select(count => (long)count)),
            })],
        };
    }

    private static Dictionary<string, long> ByName(CategoryList categories, IEnumerable<long> counts) => categories.Names.Zip(counts)
        .Where(pair => pair.Second > 0).ToDictionary(pair => pair.First, pair => pair.Second);
}
