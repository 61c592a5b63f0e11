using System.Security.Cryptography;
using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>A blob being written. It is hashed on the way, and visible only once committed; disposed without a commit it leaves nothing.</summary>
public abstract class StagedObject : IAsyncDisposable
{
    private readonly HashingStream _stream;
    private Sha256Digest? _digest;

    /// <summary>Begins on a place to stage in.</summary>
    /// <param name="staging">The place; owned by this object.</param>
    protected StagedObject(Stream staging) => _stream = new(staging);

    /// <summary>Where to write. Not seekable.</summary>
    public Stream Stream => _stream;

    /// <summary>Ends the writing and gives the digest of what was written.</summary>
    /// <param name="cancellationToken">Cancels the flush.</param>
    public async Task<Sha256Digest> DigestAsync(CancellationToken cancellationToken)
    {
        if (_digest is { } known) return known;
        await _stream.FlushAsync(cancellationToken);
        _digest = _stream.Finish();
        return _digest.Value;
    }

    /// <summary>Makes the blob visible.</summary>
    /// <param name="mediaType">What it is.</param>
    /// <param name="cancellationToken">Cancels before the blob is visible.</param>
    /// <exception cref="ObjectStoreUnavailableException">The store does not take writes.</exception>
    public async Task<ObjectRef> CommitAsync(string mediaType, CancellationToken cancellationToken)
    {
        ObjectRef reference = new() { Digest = await DigestAsync(cancellationToken), Bytes = _stream.Written, MediaType = mediaType };
        await PublishAsync(reference, cancellationToken);
        return reference;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _stream.DisposeAsync();
        await DiscardAsync();
    }

    /// <summary>Moves what was staged to its final place.</summary>
    protected abstract Task PublishAsync(ObjectRef reference, CancellationToken cancellationToken);

    /// <summary>Removes what is still staged.</summary>
    protected abstract ValueTask DiscardAsync();

    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position { get => Written; set => throw new NotSupportedException(); }

        public Sha256Digest Finish() => Sha256Digest.FromHash(_hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            _hash.AppendData(buffer);
            Written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            _hash.AppendData(buffer.Span);
            Written += buffer.Length;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _hash.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
