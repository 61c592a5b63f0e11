using System.Formats.Tar;
using System.Text;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Shards;

/// <summary>Shards in memory.</summary>
internal static class ShardBytes
{
    public static byte[] Write(IEnumerable<ShardSample> samples)
    {
        using MemoryStream stream = new();
        using (ShardWriter writer = new(stream))
        {
            foreach (ShardSample sample in samples) writer.Add(sample.Key, sample.Members);
        }
        return stream.ToArray();
    }

    public static async Task<List<ShardSample>> ReadAsync(byte[] shard)
    {
        using MemoryStream stream = new(shard);
        return await ShardReader.ReadAsync(stream, CancellationToken.None).ToListAsync();
    }

    public static async Task<IReadOnlyList<ShardEntry>> ScanAsync(byte[] shard)
    {
        using MemoryStream stream = new(shard);
        return await ShardReader.ScanAsync(stream, CancellationToken.None);
    }

    public static ShardMember Member(string extension, string text) => new(extension, Encoding.UTF8.GetBytes(text));

    /// <summary>A tar that no shard writer wrote.</summary>
    public static byte[] Tar(params TarEntry[] entries)
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (TarEntry entry in entries) writer.WriteEntry(entry);
        }
        return stream.ToArray();
    }

    public static UstarTarEntry Entry(string name, int length) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[length]) };
}
