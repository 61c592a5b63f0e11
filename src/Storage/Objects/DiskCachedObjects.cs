using System.Collections.Concurrent;
using System.Security.Cryptography;
using Factory.Contracts;
using Microsoft.Extensions.Options;

namespace Factory.Storage.Objects;

/// <summary>
/// A store whose blobs, once read, are kept on the local disk. Writes, lengths, lists and deletions go to the store behind it. A blob is fetched once for all
/// who ask at the same time, and is kept only when its bytes are those its digest names; a cache that cannot be written is done without.
/// </summary>
public sealed class DiskCachedObjects : IObjectStore
{
    private readonly IObjectStore _inner;
    private readonly DiskCache _cache;
    private readonly ConcurrentDictionary<Sha256Digest, Lazy<Task<string?>>> _fetches = [];

    /// <summary>Puts a cache before a store.</summary>
    /// <param name="inner">The store.</param>
    /// <param name="options">Where blobs are kept, and how many bytes of them.</param>
    /// <param name="time">Says when a blob was used.</param>
    public DiskCachedObjects(IObjectStore inner, IOptions<DiskCacheOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_inner, _cache) = (inner, new(options.Value.Folder, options.Value.MaxBytes, time));
    }

    /// <inheritdoc/>
    public Task<ObjectRef> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken) => _inner.PutAsync(content, mediaType, cancellationToken);

    /// <inheritdoc/>
    public Task<StagedObject> StageAsync(CancellationToken cancellationToken) => _inner.StageAsync(cancellationToken);

    /// <summary>Opens a blob, fetching it first where it is not kept. Then what is read was checked against the digest.</summary>
    /// <exception cref="ObjectMissingException">The store does not hold it.</exception>
    /// <exception cref="ObjectCorruptException">The store holds other bytes under the digest.</exception>
    /// <exception cref="ObjectStoreUnavailableException">The store is out of reach.</exception>
    public async Task<Stream> OpenReadAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (_cache.TryOpen(digest) is { } kept) return kept;
        await FetchAsync(digest, cancellationToken);
        // Evicted in between, too large, or the disk is full.
        return _cache.TryOpen(digest) ?? await _inner.OpenReadAsync(digest, cancellationToken);
    }

    /// <summary>A blob as a local file, for reading here and there in it.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The file's path, to be opened at once since it may be evicted; nothing when it cannot be kept.</returns>
    /// <exception cref="ObjectMissingException">The store does not hold it.</exception>
    /// <exception cref="ObjectCorruptException">The store holds other bytes under the digest.</exception>
    /// <exception cref="ObjectStoreUnavailableException">The store is out of reach.</exception>
    public async Task<string?> FetchAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (_cache.Find(digest) is { } path) return path;
        Lazy<Task<string?>> fetch = _fetches.GetOrAdd(digest, wanted => new(() => Task.Run(() => KeepAsync(wanted))));
        return await fetch.Value.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long?> LengthAsync(Sha256Digest digest, CancellationToken cancellationToken) => _inner.LengthAsync(digest, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken) => _inner.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        _cache.Forget(digest);
        return _inner.DeleteAsync(digest, cancellationToken);
    }

    // Not canceled with one of those who wait for it: the others still want it, and so does the next.
    private async Task<string?> KeepAsync(Sha256Digest digest)
    {
        try
        {
            // Kept since it was looked for: the fetch before this one may just have ended.
            if (_cache.Find(digest) is { } path) return path;
            await using Stream source = await _inner.OpenReadAsync(digest, CancellationToken.None);
            using DiskCache.Entry? entry = _cache.Begin(digest, source.Length);
            if (entry is null) return null;
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 17];
            int read;
            while ((read = await source.ReadAsync(buffer)) > 0)
            {
                if (!entry.TryWrite(buffer.AsSpan(0, read))) return null;
                hash.AppendData(buffer, 0, read);
            }
            Sha256Digest actual = Sha256Digest.FromHash(hash.GetHashAndReset());
            return actual == digest ? entry.TryCommit() : throw new ObjectCorruptException(digest, $"its bytes have the digest {actual}");
        }
        finally
        {
            _fetches.TryRemove(digest, out _);
        }
    }
}
