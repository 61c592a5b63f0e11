using System.Security.Cryptography;
using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>Writes a corpus to a place: shards under their names, the manifest last.</summary>
public static class CorpusExporter
{
    private const int BufferSize = 1 << 20;

    /// <summary>Exports a corpus. Shards that are there already, whole, are kept, so that an interrupted export goes on.</summary>
    /// <param name="open">Opens a shard's blob.</param>
    /// <param name="manifest">The corpus.</param>
    /// <param name="place">Where to. It must be empty, or hold this corpus in part.</param>
    /// <param name="bytesDone">Told how many bytes are done.</param>
    /// <param name="cancellationToken">Interrupts the export; what is half-written is removed.</param>
    /// <exception cref="CorpusFolderException">The place holds something else, or a blob is damaged.</exception>
    public static async Task ExportAsync(
        Func<Sha256Digest, CancellationToken, Task<Stream>> open, CorpusManifest manifest, ICorpusPlace place, IProgress<long> bytesDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(bytesDone);
        Dictionary<string, long?> there = await OursAsync(manifest, place, cancellationToken);
        long done = 0;
        foreach (ManifestShard shard in manifest.Shards)
        {
            bool whole = there.GetValueOrDefault(shard.Name) == shard.Bytes && await DigestAsync(place, shard.Name, cancellationToken) == shard.Sha256;
            if (!whole) await WriteAsync(open, shard, place, cancellationToken);
            bytesDone.Report(done += shard.Bytes);
        }
        await place.WriteAsync(CorpusManifest.FileName, stream => stream.WriteAsync(manifest.ToCanonicalBytes(), cancellationToken).AsTask(), cancellationToken);
    }

    private static async Task<Dictionary<string, long?>> OursAsync(CorpusManifest manifest, ICorpusPlace place, CancellationToken cancellationToken)
    {
        HashSet<string> ours = [.. manifest.Shards.Select(shard => shard.Name), CorpusManifest.FileName];
        if (await place.ListAsync(cancellationToken) is null) return [];
        place.RemoveHalfWritten(ours);
        Dictionary<string, long?> there = (await place.ListAsync(cancellationToken) ?? []).ToDictionary(file => file.Name, file => file.Bytes);
        if (there.Keys.FirstOrDefault(name => !ours.Contains(name)) is { } foreign) throw new CorpusFolderException($"{place.Name} holds {foreign}, which is no part of this corpus; export to an empty one.");
        if (there.GetValueOrDefault(CorpusManifest.FileName) is not { } bytes) return there;
        byte[] wanted = manifest.ToCanonicalBytes(), existing = new byte[wanted.Length];
        if (bytes == wanted.Length)
        {
            await using Stream stream = await place.OpenAsync(CorpusManifest.FileName, cancellationToken);
            await stream.ReadExactlyAsync(existing, cancellationToken);
        }
        return existing.AsSpan().SequenceEqual(wanted) ? there : throw new CorpusFolderException($"{place.Name} holds another corpus; export to an empty one.");
    }

    private static async Task WriteAsync(
        Func<Sha256Digest, CancellationToken, Task<Stream>> open, ManifestShard shard, ICorpusPlace place, CancellationToken cancellationToken)
    {
        await using Stream blob = await open(shard.Sha256, cancellationToken);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await place.WriteAsync(
            shard.Name,
            async stream =>
            {
                byte[] buffer = new byte[BufferSize];
                int read;
                while ((read = await blob.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
                Sha256Digest actual = Sha256Digest.FromHash(hash.GetHashAndReset());
                if (actual != shard.Sha256) throw new CorpusFolderException($"the blob of {shard.Name} is damaged: its digest is {actual}, the manifest says {shard.Sha256}.");
            },
            cancellationToken);
    }

    private static async Task<Sha256Digest> DigestAsync(ICorpusPlace place, string name, CancellationToken cancellationToken)
    {
        await using Stream stream = await place.OpenAsync(name, cancellationToken);
        return Sha256Digest.FromHash(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
