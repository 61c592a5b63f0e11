using System.Formats.Tar;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Factory.Contracts;
using Factory.Storage.Shards;

namespace Factory.Storage.Manifests;

/// <summary>
/// Verifies a corpus from its folder alone: every digest, count, key and member. Shards are streamed; what is kept in memory is eight bytes a key, to find
/// keys that stand twice.
/// </summary>
public static class CorpusVerifier
{
    /// <summary>Verifies a corpus, and lists everything that is wrong with it.</summary>
    /// <param name="folder">Folder of the shards and the manifest.</param>
    /// <param name="samplesDone">Told how many samples are read.</param>
    /// <param name="cancellationToken">Interrupts the reading.</param>
    /// <exception cref="CorpusFolderException">There is no such folder, or no manifest in it.</exception>
    /// <exception cref="ManifestFormatException">The manifest cannot be read or contradicts itself.</exception>
    public static async Task<VerificationReport> VerifyAsync(string folder, IProgress<long> samplesDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samplesDone);
        string manifestPath = Path.Combine(folder, CorpusManifest.FileName);
        if (!Directory.Exists(folder)) throw new CorpusFolderException($"there is no folder {folder}.");
        if (!File.Exists(manifestPath)) throw new CorpusFolderException($"{folder} has no {CorpusManifest.FileName}: it is no corpus, or its export was interrupted; run the export again.");
        CorpusManifest manifest = CorpusManifest.Read(await File.ReadAllBytesAsync(manifestPath, cancellationToken), manifestPath);
        Verification verification = new(manifest, samplesDone);
        verification.CheckFiles(folder);
        foreach (ManifestShard shard in manifest.Shards)
        {
            string path = Path.Combine(folder, shard.Name);
            if (File.Exists(path)) await verification.CheckShardAsync(shard, path, cancellationToken);
        }
        return verification.Report();
    }

    /// <summary>One verification in progress.</summary>
    private sealed class Verification(CorpusManifest manifest, IProgress<long> samplesDone)
    {
        private readonly List<VerificationProblem> _problems = [];
        private readonly HashSet<ulong> _keys = [];
        private long _samples;
        private int _shards;

        public VerificationReport Report() => new() { Problems = _problems, Samples = _samples, Shards = _shards, Digest = manifest.Digest };

        public void CheckFiles(string folder)
        {
            HashSet<string> missing = [.. manifest.Shards.Select(shard => shard.Name)];
            foreach (string path in Directory.EnumerateFileSystemEntries(folder))
            {
                string name = Path.GetFileName(path);
                // A folder of a shard's name is no shard.
                if (name != CorpusManifest.FileName && !(File.Exists(path) && missing.Remove(name))) Add(name, "", "is no part of the corpus");
            }
            foreach (string name in missing.Order(StringComparer.Ordinal)) Add(name, "", "is missing");
        }

        public async Task CheckShardAsync(ManifestShard shard, string path, CancellationToken cancellationToken)
        {
            _shards++;
            await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            if (stream.Length != shard.Bytes) Add(shard.Name, "", $"has {stream.Length} bytes, the manifest says {shard.Bytes}");
            Sha256Digest actual = Sha256Digest.FromHash(await SHA256.HashDataAsync(stream, cancellationToken));
            if (actual != shard.Sha256) Add(shard.Name, "", $"has the digest {actual}, the manifest says {shard.Sha256}");
            stream.Position = 0;
            Dictionary<string, long> counts = new(StringComparer.Ordinal);
            try
            {
                await CheckSamplesAsync(shard, stream, counts, cancellationToken);
            }
            catch (ShardFormatException damage)
            {
                Add(shard.Name, "", damage.Message);
                return;
            }
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
