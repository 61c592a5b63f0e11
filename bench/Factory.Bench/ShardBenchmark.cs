using System.Globalization;
using Factory.Contracts;
using Factory.Storage.Objects;
using Factory.Storage.Shards;

namespace Factory.Bench;

/// <summary>Encoded images in memory to a committed shard on disk, against <c>sha256sum</c> and <c>cp</c> of the same bytes.</summary>
internal static class ShardBenchmark
{
    private const int ImageBytes = 250_000;
    private const double Target = 0.7;

    public static Task<int> RunAsync(int samples, int rounds) => Measure.InFolderAsync(async folder =>
    {
        List<ShardSample> made = Samples(samples);
        FileSystemObjectStore store = new(folder);
        List<double> cached = [], durable = [];
        for (int round = 0; round < rounds; round++)
        {
            ObjectRef shard = null!;
            double write = await Measure.SecondsAsync(async () => shard = await WriteAsync(store, made));
            string file = Directory.EnumerateFiles(folder, shard.Digest.Hex, SearchOption.AllDirectories).Single();
            string copy = Path.Combine(folder, "copy");
            double plain = Measure.Shell($"sha256sum '{file}' > /dev/null && cp '{file}' '{copy}'");
            double flush = Measure.Shell($"sync '{copy}'");
            cached.Add(plain / write);
            durable.Add((plain + flush) / write);
            Measure.Print($"{shard.Bytes / 1e6:F0} MB: shard {shard.Bytes / write / 1e6:F0} MB/s, sha256sum + cp {shard.Bytes / plain / 1e6:F0} MB/s, with sync {shard.Bytes / (plain + flush) / 1e6:F0} MB/s, ratio {plain / write:F2}, with sync {(plain + flush) / write:F2}");
            await store.DeleteAsync(shard.Digest, CancellationToken.None);
            File.Delete(copy);
            Measure.Shell("sync");
        }
        double ratio = Measure.Median(cached);
        Measure.Print($"shards: median ratio {ratio:F2}, with both forced to disk {Measure.Median(durable):F2} (target {Target})");
        return ratio >= Target ? 0 : 1;
    });

    private static async Task<ObjectRef> WriteAsync(FileSystemObjectStore store, List<ShardSample> samples)
    {
        await using StagedObject staged = await store.StageAsync(CancellationToken.None);
        using (ShardWriter writer = new(staged.Stream))
        {
            foreach (ShardSample sample in samples) writer.Add(sample.Key, sample.Members);
        }
        return await staged.CommitAsync(MediaTypes.Tar, CancellationToken.None);
    }

    private static List<ShardSample> Samples(int count)
    {
        byte[] noise = new byte[ImageBytes + 4096];
        ulong state = 1;
        for (int index = 0; index < noise.Length; index++)
        {
            state = (state * 6364136223846793005UL) + 1442695040888963407UL;
            noise[index] = (byte)(state >> 56);
        }
        return [.. Enumerable.Range(0, count).Select(index => new ShardSample(
            index.ToString("D16", CultureInfo.InvariantCulture), [new("cls", "1"u8.ToArray()), new("json", noise.AsMemory(0, 600)), new("png", noise.AsMemory(index % 4096, ImageBytes))]))];
    }
}
