using System.Formats.Tar;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Factory.Contracts;
using Factory.Storage.Shards;

namespace Factory.Storage.Manifests;

/// <summary>
/// Verifies a corpus from its files alone: every digest, count, key and member. Shards are streamed, once; what is kept in memory is eight bytes a key, to find
/// keys that stand twice.
/// </summary>
public static class CorpusVerifier
{
    // Larger than that of 10^8 samples.
    private const int ManifestBytesLimit = 256 << 20;

    /// <summary>Verifies a corpus, and lists everything that is wrong with it.</summary>
    /// <param name="place">Place of the shards and the manifest.</param>
    /// <param name="expected">The digest by which the corpus was named; another one is wrong. Null: none was. Without it nothing proves what stands in the manifest alone, such as the recipe's digest.</param>
    /// <param name="samplesDone">Told how many samples are read.</param>
    /// <param name="cancellationToken">Interrupts the reading.</param>
    /// <exception cref="CorpusFolderException">There is no such place, or no manifest in it.</exception>
    /// <exception cref="ManifestFormatException">The manifest cannot be read or contradicts itself.</exception>
    public static async Task<VerificationReport> VerifyAsync(ICorpusPlace place, Sha256Digest? expected, IProgress<long> samplesDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(samplesDone);
        IReadOnlyList<PlacedFile> files = await place.ListAsync(cancellationToken) ?? throw new CorpusFolderException($"there is no folder {place.Name}.");
        CorpusManifest manifest = await ReadManifestAsync(place, files, cancellationToken);
        Verification verification = new(manifest, samplesDone);
        if (expected is { } named) verification.CheckName(named);
        verification.CheckFiles(files);
        HashSet<string> there = [.. files.Where(file => file.Bytes is not null).Select(file => file.Name)];
        foreach (ManifestShard shard in manifest.Shards)
        {
            if (!there.Contains(shard.Name)) continue;
            await using Stream stream = await place.OpenAsync(shard.Name, cancellationToken);
            await verification.CheckShardAsync(shard, stream, cancellationToken);
        }
        return verification.Report();
    }

    private static async Task<CorpusManifest> ReadManifestAsync(ICorpusPlace place, IReadOnlyList<PlacedFile> files, CancellationToken cancellationToken)
    {
        string path = $"{place.Name}/{CorpusManifest.FileName}";
        if (files.FirstOrDefault(file => file.Name == CorpusManifest.FileName)?.Bytes is not { } bytes)
        {
            throw new CorpusFolderException($"{place.Name} has no {CorpusManifest.FileName}: it is no corpus, or its export was interrupted; run the export again.");
        }
        if (bytes > ManifestBytesLimit) throw new ManifestFormatException(path, $"it has {bytes} bytes, more than a manifest may have ({ManifestBytesLimit}).");
        await using Stream stream = await place.OpenAsync(CorpusManifest.FileName, cancellationToken);
        byte[] content = new byte[bytes];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return CorpusManifest.Read(content, path);
    }

    /// <summary>One verification in progress.</summary>
    private sealed class Verification(CorpusManifest manifest, IProgress<long> samplesDone)
    {
        private readonly List<VerificationProblem> _problems = [];
        private readonly HashSet<ulong> _keys = [];
        private long _samples;
        private int _shards;

        public VerificationReport Report() => new() { Problems = _problems, Samples = _samples, Shards = _shards, Digest = manifest.Digest };

        public void CheckName(Sha256Digest expected)
        {
            if (manifest.Digest != expected) Add(CorpusManifest.FileName, "", $"is of corpus {manifest.Digest}, not {expected}");
        }

        public void CheckFiles(IReadOnlyList<PlacedFile> files)
        {
            HashSet<string> missing = [.. manifest.Shards.Select(shard => shard.Name)];
            foreach (PlacedFile file in files)
            {
                // A folder of a shard's name is no shard.
                if (file.Name != CorpusManifest.FileName && !(file.Bytes is not null && missing.Remove(file.Name))) Add(file.Name, "", "is no part of the corpus");
            }
            foreach (string name in missing.Order(StringComparer.Ordinal)) Add(name, "", "is missing");
        }

        public async Task CheckShardAsync(ManifestShard shard, Stream stream, CancellationToken cancellationToken)
        {
            _shards++;
            using HashedReading reading = new(stream);
            Dictionary<string, long> counts = new(StringComparer.Ordinal);
            string? damage = null;
            try
            {
                await CheckSamplesAsync(shard, reading, counts, cancellationToken);
            }
            catch (ShardFormatException broken)
            {
                damage = broken.Message;
            }
            (Sha256Digest actual, long bytes) = await reading.EndAsync(cancellationToken);
            if (bytes != shard.Bytes) Add(shard.Name, "", $"has {bytes} bytes, the manifest says {shard.Bytes}");
            if (actual != shard.Sha256) Add(shard.Name, "", $"has the digest {actual}, the manifest says {shard.Sha256}");
            if (damage is not null) Add(shard.Name, "", damage);
            else CheckCounts(shard, counts);
        }

        private void CheckCounts(ManifestShard shard, Dictionary<string, long> counts)
        {
            foreach (string category in manifest.Categories.Names)
            {
                long found = counts.GetValueOrDefault(category), said = shard.Counts.GetValueOrDefault(category);
                if (found != said) Add(shard.Name, "", $"has {found} samples of {category}, the manifest says {said}");
            }
        }

        private async Task CheckSamplesAsync(ManifestShard shard, Stream stream, Dictionary<string, long> counts, CancellationToken cancellationToken)
        {
            string? key = null;
            string lastMember = "";
            List<ShardMember> members = [];
            await foreach ((TarEntry entry, string entryKey, string extension) in ShardReader.EntriesAsync(stream, cancellationToken))
            {
                CheckHeader(shard.Name, entry);
                if (key is not null && key != entryKey)
                {
                    CheckSample(shard.Name, key, members, counts);
                    members.Clear();
                    if (string.CompareOrdinal(entryKey, key) <= 0) Add(shard.Name, entryKey, "keys do not ascend");
                }
                else if (string.CompareOrdinal(entry.Name, lastMember) <= 0 && key is not null)
                {
                    Add(shard.Name, entry.Name, "members do not ascend");
                }
                (key, lastMember) = (entryKey, entry.Name);
                members.Add(new(extension, await ShardReader.ContentAsync(entry, cancellationToken)));
            }
            if (key is not null) CheckSample(shard.Name, key, members, counts);
        }

        private void CheckHeader(string shard, TarEntry entry)
        {
            bool plain = entry is UstarTarEntry { UserName: "", GroupName: "" } && entry.ModificationTime == DateTimeOffset.UnixEpoch
                && entry.Uid == 0 && entry.Gid == 0 && entry.Mode == ShardWriter.MemberMode;
            if (!plain) Add(shard, entry.Name, "its tar header says more than name and size");
        }

        private void CheckSample(string shard, string key, List<ShardMember> members, Dictionary<string, long> counts)
        {
            samplesDone.Report(++_samples);
            if (!_keys.Add(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)))) Add(shard, key, "its key stands twice in the corpus");
            SampleFindings findings = SampleCheck.Check(manifest, new(key, members));
            if (findings.Category is { } category) counts[category] = counts.GetValueOrDefault(category) + 1;
            foreach ((string member, string finding) in findings.Problems) Add(shard, member, finding);
        }

        private void Add(string file, string member, string finding)
        {
            if (_problems.Count < VerificationReport.ProblemLimit) _problems.Add(new(file, member, finding));
        }
    }
}
