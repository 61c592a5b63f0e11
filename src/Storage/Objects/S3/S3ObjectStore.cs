using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Factory.Contracts;
using Microsoft.Extensions.Options;

namespace Factory.Storage.Objects.S3;

/// <summary>
/// An object store in an S3 bucket: blobs at <c>PREFIX/objects/ab/cd/DIGEST</c>. A blob is staged in a local file until its length and digest are known, so
/// memory is bounded and nothing of it is in the bucket before all of it is. What passes by itself is tried again a few times.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const string Folder = "objects/";
    private readonly S3Bucket _bucket;

    /// <summary>Opens a store; nothing is asked yet, see <see cref="S3Probe"/>.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Dates requests and paces repetitions.</param>
    public S3ObjectStore(IOptions<S3Options> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _bucket = new(options.Value, time);
    }

    /// <inheritdoc/>
    public async Task<ObjectRef> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken)
    {
        ObjectRef reference = new() { Digest = Sha256Digest.Of(content.Span), Bytes = content.Length, MediaType = mediaType };
        await using MemoryStream stream = MemoryMarshal.TryGetArray(content, out ArraySegment<byte> array)
            ? new(array.Array!, array.Offset, array.Count, writable: false)
            : new(content.ToArray(), writable: false);
        await UploadAsync(reference, stream, cancellationToken);
        return reference;
    }

    /// <inheritdoc/>
    public Task<StagedObject> StageAsync(CancellationToken cancellationToken) =>
        Task.FromResult<StagedObject>(new StagedUpload(this, ScratchFile.Create(_bucket.Options.ScratchFolder)));

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        await _bucket.OpenAsync(NameOf(digest), cancellationToken) ?? throw new ObjectMissingException(digest);

    /// <inheritdoc/>
    public async Task<long?> LengthAsync(Sha256Digest digest, CancellationToken cancellationToken) => (await _bucket.FindAsync(NameOf(digest), cancellationToken))?.Bytes;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (S3Entry entry in _bucket.ListAsync(Folder, cancellationToken))
        {
            string name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            if (Sha256Digest.TryParse(name, out Sha256Digest digest) && entry.Name == NameOf(digest)) yield return new(digest, entry.Bytes, entry.WrittenAt);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Sha256Digest digest, CancellationToken cancellationToken) => _bucket.DeleteAsync(NameOf(digest), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _bucket.Dispose();

    private static string NameOf(Sha256Digest digest) => $"{Folder}{digest.Hex[..2]}/{digest.Hex[2..4]}/{digest.Hex}";

    // The same digest is the same bytes: who writes it a second time, at the same time too, changes nothing.
    private async Task UploadAsync(ObjectRef reference, Stream content, CancellationToken cancellationToken)
    {
        if (await LengthAsync(reference.Digest, cancellationToken) == reference.Bytes) return;
        await _bucket.PutAsync(NameOf(reference.Digest), content, reference.Bytes, reference.MediaType, cancellationToken);
    }

    private sealed class StagedUpload(S3ObjectStore store, ScratchFile file) : StagedObject(file)
    {
        protected override async Task PublishAsync(ObjectRef reference, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await store.UploadAsync(reference, file.Rewind(), cancellationToken);
        }

        protected override ValueTask DiscardAsync() => ValueTask.CompletedTask;
    }
}
