using System.Security.Cryptography;
using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>Writes a corpus to a folder: shards under their names, the manifest last.</summary>
public static class CorpusExporter
{
    private const string PartSuffix = ".part";
    private const int BufferSize = 1 << 20;

    /// <summary>Exports a corpus. Shards that are there already, whole, are kept, so that an interrupted export goes on.</summary>
    /// <param name="open">Opens a shard's blob.</param>
    /// <param name="manifest">The corpus.</param>
    /// <param name="folder">The folder; made when missing. It must be empty, or hold this corpus in part.</param>
    /// <param name="bytesDone">Told how many bytes are done.</param>
    /// <param name="cancellationToken">Interrupts the export; what is half-written is removed.</param>
    /// <exception cref="CorpusFolderException">The folder holds something else, or a blob is damaged.</exception>
    public static async Task ExportAsync(
        Func<Sha256Digest, CancellationToken, Task<Stream>> open, CorpusManifest manifest, string folder, IProgress<long> bytesDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(bytesDone);
        Directory.CreateDirectory(folder);
        RequireOurs(manifest, folder);
        long done = 0;
        foreach (ManifestShard shard in manifest.Shards)
        {
            string path = Path.Combine(folder, shard.Name);
            if (!File.Exists(path) || new FileInfo(path).Length != shard.Bytes || await DigestAsync(path, cancellationToken) != shard.Sha256)
            {
                await WriteAsync(open, shard, path, cancellationToken);
            }
            bytesDone.Report(done += shard.Bytes);
        }
        await PublishAsync(Path.Combine(folder, CorpusManifest.FileName), stream => stream.WriteAsync(manifest.ToCanonicalBytes(), cancellationToken).AsTask());
    }

    private static void RequireOurs(CorpusManifest manifest, string folder)
    {
        HashSet<string> ours = [.. manifest.Shards.Select(shard => shard.Name), CorpusManifest.FileName];
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = Path.GetFileName(path);
            if (name.EndsWith(PartSuffix, StringComparison.Ordinal) && ours.Contains(name[..^PartSuffix.Length])) File.Delete(path);
            else if (!ours.Contains(name)) throw new CorpusFolderException($"{folder} holds {name}, which is no part of this corpus; export to an empty folder.");
        }
        string existing = Path.Combine(folder, CorpusManifest.FileName);
        if (File.Exists(existing) && !File.ReadAllBytes(existing).AsSpan().SequenceEqual(manifest.ToCanonicalBytes()))
        {
            throw new CorpusFolderException($"{folder} holds another corpus; export to an empty folder.");
        }
    }

    private static async Task WriteAsync(
        Func<Sha256Digest, CancellationToken, Task<Stream>> open, ManifestShard shard, string path, CancellationToken cancellationToken)
    {
        await using Stream blob = await open(shard.Sha256, cancellationToken);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await PublishAsync(path, async stream =>
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
        });
    }

    private static async Task PublishAsync(string path, Func<FileStream, Task> write)
    {
        string part = path + PartSuffix;
        try
        {
            await using (FileStream stream = new(part, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize))
            {
                await write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    private static async Task<Sha256Digest> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize);
        return Sha256Digest.FromHash(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
