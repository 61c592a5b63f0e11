using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>A store of immutable blobs, each under its SHA-256. Writing a blob twice is harmless; a reader never sees half of one.</summary>
public interface IObjectStore
{
    /// <summary>Stores bytes.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="mediaType">What they are.</param>
    /// <param name="cancellationToken">Cancels before the blob is visible.</param>
    /// <exception cref="ObjectStoreUnavailableException">The store does not take writes.</exception>
    Task<ObjectRef> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken);

    /// <summary>Begins a blob that is written as a stream.</summary>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <exception cref="ObjectStoreUnavailableException">The store does not take writes.</exception>
    Task<StagedObject> StageAsync(CancellationToken cancellationToken);

    /// <summary>Opens a blob. What is read is not checked against the digest, but it ends only where the blob ends, and its length is known.</summary>
    /// <exception cref="ObjectMissingException">The store does not hold it.</exception>
    /// <exception cref="ObjectStoreUnavailableException">The store is out of reach; reading throws it too.</exception>
    Task<Stream> OpenReadAsync(Sha256Digest digest, CancellationToken cancellationToken);

    /// <summary>Length of a blob in bytes; null when the store does not hold it.</summary>
    Task<long?> LengthAsync(Sha256Digest digest, CancellationToken cancellationToken);

    /// <summary>Every blob, in no order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken);

    /// <summary>Removes a blob; one that is not there is no error.</summary>
    Task DeleteAsync(Sha256Digest digest, CancellationToken cancellationToken);
}

/// <summary>One blob in a listing.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="WrittenAt">When it was last written.</param>
public sealed record StoredObject(Sha256Digest Digest, long Bytes, DateTimeOffset WrittenAt);

/// <summary>What every object store can do in terms of <see cref="IObjectStore"/>.</summary>
public static class ObjectStoreReading
{
    /// <summary>Reads a blob whole, and checks its length and digest.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="reference">The blob, at most 2 GiB.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ObjectMissingException">The store does not hold it.</exception>
    /// <exception cref="ObjectCorruptException">The store holds other bytes under its digest.</exception>
    public static async Task<byte[]> ReadAsync(this IObjectStore objects, ObjectRef reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(reference);
        await using Stream stream = await objects.OpenReadAsync(reference.Digest, cancellationToken);
        byte[] content = new byte[reference.Bytes];
        int read = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        if (read != content.Length || stream.ReadByte() >= 0) throw new ObjectCorruptException(reference.Digest, $"it does not have {reference.Bytes} bytes");
        Sha256Digest actual = Sha256Digest.Of(content);
        return actual == reference.Digest ? content : throw new ObjectCorruptException(reference.Digest, $"its bytes have the digest {actual}");
    }

    /// <summary>Whether the store holds a blob.</summary>
    public static async Task<bool> ExistsAsync(this IObjectStore objects, Sha256Digest digest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return await objects.LengthAsync(digest, cancellationToken) is not null;
    }
}
