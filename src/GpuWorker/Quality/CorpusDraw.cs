using System.Globalization;
using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.GpuWorker.Datasets;
using Factory.Storage.Shards;

namespace Factory.GpuWorker.Quality;

/// <summary>One sample of a corpus, as its shard has it.</summary>
/// <param name="Label">Category index.</param>
/// <param name="Png">The encoded image.</param>
/// <param name="Scores">Its scores.</param>
internal sealed record DrawnSample(int Label, byte[] Png, IReadOnlyDictionary<string, double> Scores);

/// <summary>
/// Draws a bounded number of samples from a corpus: each shard, of at most 64 that the seed chooses, gives its share, those whose keys come first. Keys are hashes, so they tell nothing of
/// category, source or score; the same corpus gives the same samples, and one shard at a time is on the disk.
/// </summary>
internal sealed class CorpusDraw(ScratchFiles scratch)
{
    private const int ShardsOpened = 64;

    /// <summary>How many samples each shard gives.</summary>
    /// <param name="shards">The corpus's shards, in order.</param>
    /// <param name="most">At most so many samples in all.</param>
    /// <param name="seed">Chooses shards, where there are too many.</param>
    public static IReadOnlyList<(DatasetEntry Shard, int Samples)> Shares(IReadOnlyList<DatasetEntry> shards, int most, ulong seed)
    {
        int[] chosen = [.. Enumerable.Range(0, shards.Count).OrderBy(number => SampleSeeds.Derive(seed, number, 0)).Take(ShardsOpened).Order()];
        long there = chosen.Sum(number => (long)shards[number].Samples), wanted = Math.Min(most, there), before = 0;
        List<(DatasetEntry, int)> shares = [];
        foreach (DatasetEntry shard in chosen.Select(number => shards[number]))
        {
            long after = before + shard.Samples;
            int share = (int)((wanted * after / there) - (wanted * before / there));
            if (share > 0) shares.Add((shard, share));
            before = after;
        }
        return shares;
    }

    /// <summary>Reads the first samples of a shard, in order of keys.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ShardFormatException">The shard is damaged.</exception>
    public async IAsyncEnumerable<DrawnSample> ReadAsync(ObjectRef shard, int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SafeFile file = new(await scratch.FetchAsync(shard, cancellationToken));
        await using FileStream stream = file.OpenStream();
        await foreach (ShardSample sample in ShardReader.ReadAsync(stream, cancellationToken).Take(count))
        {
            string text = Encoding.ASCII.GetString(Member(sample, "cls").Span);
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int label)) throw new ShardFormatException($"{sample.Key}.cls", $"is '{text}', no category index");
            SampleMetadata metadata = JsonSerializer.Deserialize<SampleMetadata>(Member(sample, "json").Span, ContractJson.Options) ?? throw new ShardFormatException($"{sample.Key}.json", "is null");
            yield return new(label, Member(sample, "png").ToArray(), metadata.Scores);
        }
    }

    private static ReadOnlyMemory<byte> Member(ShardSample sample, string extension) => sample.Find(extension) ?? throw new ShardFormatException(sample.Key, $"has no .{extension}");
}
