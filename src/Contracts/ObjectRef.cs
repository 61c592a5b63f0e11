namespace Factory.Contracts;

/// <summary>Names one immutable blob in the object store. Messages carry these, never payload bytes.</summary>
public sealed record ObjectRef
{
    /// <summary>SHA-256 of the blob's bytes; also its key in the store.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Media type, such as <c>image/png</c>; see <see cref="MediaTypes"/>.</summary>
    public required string MediaType { get; init; }
}
