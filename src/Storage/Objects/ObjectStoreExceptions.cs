using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>A blob that the store does not hold.</summary>
/// <param name="digest">Its digest.</param>
public sealed class ObjectMissingException(Sha256Digest digest)
    : Exception($"The object store holds no blob {digest}.")
{
    /// <summary>The blob's digest.</summary>
    public Sha256Digest Digest => digest;
}

/// <summary>A blob whose bytes are not those its digest names.</summary>
/// <param name="digest">The digest it is stored under.</param>
/// <param name="finding">What is wrong with it.</param>
public sealed class ObjectCorruptException(Sha256Digest digest, string finding)
    : Exception($"Blob {digest} in the object store is damaged: {finding}. Delete it and run what made it again.")
{
    /// <summary>The blob's digest.</summary>
    public Sha256Digest Digest => digest;
}

/// <summary>A store that cannot be written: full, read-only or out of reach.</summary>
/// <param name="place">Where the store is.</param>
/// <param name="reason">Why.</param>
/// <param name="cause">What the system said.</param>
public sealed class ObjectStoreUnavailableException(string place, string reason, Exception cause)
    : Exception($"The object store {place} does not take writes: {reason} Nothing was half-written; free it up and run the same command again.", cause);
