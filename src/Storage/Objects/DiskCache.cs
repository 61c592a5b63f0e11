using System.Globalization;
using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>
/// Files named by the digest of their bytes, up to a number of bytes; those used longest ago go first. A file is renamed to its digest when it is whole and on
/// the disk, so what a killed process leaves is never taken for one. Nothing here throws because the disk refuses: a cache can be done without.
/// </summary>
internal sealed class DiskCache
{
    private const string PartSuffix = ".part";
    private const int BufferSize = 1 << 17;
    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _held;
    private long _parts;

    public DiskCache(string folder, long maxBytes, TimeProvider time)
    {
        (_folder, _maxBytes, _time) = (Path.GetFullPath(folder), maxBytes, time);
        Try(() =>
        {
            Directory.CreateDirectory(_folder);
            RemoveAbandoned();
            return _held = Files().Sum(file => file.Length);
        });
    }

    /// <summary>Opens a kept blob and marks it as used; nothing when it is not kept.</summary>
    public FileStream? TryOpen(Sha256Digest digest) => Find(digest) is not { } path ? null : Try(() =>
        new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.SequentialScan));

    /// <summary>Path of a kept blob, which is marked as used; nothing when it is not kept.</summary>
    public string? Find(Sha256Digest digest)
    {
        string path = PathOf(digest);
        return !File.Exists(path) ? null : Try(() =>
        {
            // Kept in the file, so that a restart and other processes know it.
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
            return path;
        });
    }

    /// <summary>Begins to keep a blob, for which room is made; nothing when it does not fit or cannot be written.</summary>
    public Entry? Begin(Sha256Digest digest, long bytes)
    {
        if (bytes > _maxBytes) return null;
        return Try(() =>
        {
            MakeRoom(bytes);
            string part = string.Create(CultureInfo.InvariantCulture, $"{PathOf(digest)}.{Environment.ProcessId}-{Interlocked.Increment(ref _parts)}{PartSuffix}");
            // Not shared: who finds it can tell whether its writer still lives.
            return new Entry(this, digest, part, new(part, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize));
        });
    }

    /// <summary>Drops a blob.</summary>
    public void Forget(Sha256Digest digest) => Try(() =>
    {
        File.Delete(PathOf(digest));
        return true;
    });

    private static T? Try<T>(Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private string PathOf(Sha256Digest digest) => Path.Combine(_folder, digest.Hex);

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(_folder).EnumerateFiles().Where(file => Sha256Digest.TryParse(file.Name, out _));

    private void RemoveAbandoned()
    {
        foreach (string part in Directory.EnumerateFiles(_folder, "*" + PartSuffix))
        {
            Try(() =>
            {
                // Held by a living writer, it cannot be opened.
                using (new FileStream(part, FileMode.Open, FileAccess.Write, FileShare.None)) File.Delete(part);
                return true;
            });
        }
    }

    // A tenth more than is needed, so that the folder, which other processes fill too, is not read for every blob.
    private void MakeRoom(long bytes)
    {
        lock (_lock)
        {
            if (_held + bytes > _maxBytes)
            {
                List<FileInfo> files = [.. Files().OrderBy(file => file.LastWriteTimeUtc)];
                _held = files.Sum(file => file.Length);
                long wanted = Math.Min(_maxBytes - bytes, _maxBytes / 10 * 9);
                foreach (FileInfo file in files.TakeWhile(_ => _held > wanted))
                {
                    _held -= file.Length;
                    // An open file outlives its name: a reader is never cut off.
                    file.Delete();
                }
            }
            _held += bytes;
        }
    }

    /// <summary>A blob on its way into the cache; disposed without a commit it leaves nothing.</summary>
    internal sealed class Entry(DiskCache cache, Sha256Digest digest, string part, FileStream file) : IDisposable
    {
        private bool _kept;

        /// <summary>Writes on.</summary>
        /// <returns>Whether the disk took it.</returns>
        public bool TryWrite(ReadOnlySpan<byte> content)
        {
            try
            {
                file.Write(content);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }

        /// <summary>Keeps what was written, whose digest was checked.</summary>
        /// <returns>Its path; nothing when the disk refuses.</returns>
        public string? TryCommit() => Try(() =>
        {
            // Before the name says that it is whole, its bytes are on the disk.
            file.Flush(flushToDisk: true);
            file.Dispose();
            File.SetLastWriteTimeUtc(part, cache._time.GetUtcNow().UtcDateTime);
            File.Move(part, cache.PathOf(digest), overwrite: true);
            _kept = true;
            return cache.PathOf(digest);
        });

        public void Dispose()
        {
            if (_kept) return;
            Try(() =>
            {
                file.Dispose();
                return true;
            });
            Try(() =>
            {
                File.Delete(part);
                return true;
            });
        }
    }
}
