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

/// <summary>A store that cannot be used now: full, read-only or out of reach. Another try may succeed.</summary>
public sealed class ObjectStoreUnavailableException : Exception
{
    /// <summary>A store that does not take writes.</summary>
    /// <param name="place">Where the store is.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cause">What the system said.</param>
    public ObjectStoreUnavailableException(string place, string reason, Exception cause)
        : base($"The object store {place} does not take writes: {reason} Nothing was half-written; free it up and run the same command again.", cause)
    {
    }

    /// <summary>A store that is out of reach.</summary>
    /// <param name="message">What is wrong and what to do, in one line.</param>
    /// <param name="cause">What the connection, or the server, said.</param>
    public ObjectStoreUnavailableException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>A store that refuses this client: a wrong key, a missing bucket, a clock that is off. Somebody must put that right.</summary>
/// <param name="message">What is wrong and what to do, in one line.</param>
/// <param name="cause">What the server said.</param>
public sealed class ObjectStoreRefusedException(string message, Exception cause)
    : Exception(message, cause);
