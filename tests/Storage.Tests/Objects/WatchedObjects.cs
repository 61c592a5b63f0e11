using System.Collections.Concurrent;
using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Storage.Tests.Objects;

/// <summary>A store that counts its readers and lets a test hold them up.</summary>
internal sealed class WatchedObjects(IObjectStore inner) : IObjectStore
{
    public ConcurrentQueue<Sha256Digest> Opened { get; } = new();

    /// <summary>Awaited before a blob is opened.</summary>
    public Func<Task> BeforeOpen { get; set; } = () => Task.CompletedTask;

    public async Task<Stream> OpenReadAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        Opened.Enqueue(digest);
        await BeforeOpen();
        return await inner.OpenReadAsync(digest, cancellationToken);
    }

    public Task<ObjectRef> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken) => inner.PutAsync(content, mediaType, cancellationToken);

    public Task<StagedObject> StageAsync(CancellationToken cancellationToken) => inner.StageAsync(cancellationToken);

    public Task<long?> LengthAsync(Sha256Digest digest, CancellationToken cancellationToken) => inner.LengthAsync(digest, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public Task DeleteAsync(Sha256Digest digest, CancellationToken cancellationToken) => inner.DeleteAsync(digest, cancellationToken);
}
