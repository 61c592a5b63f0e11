using System.Security.Cryptography;
using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>Hashes and counts what is read through it, so that a file which is far away is read once for its digest and its content.</summary>
/// <param name="inner">What is read; not owned.</param>
internal sealed class HashedReading(Stream inner) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <summary>Reads what is left.</summary>
    /// <returns>The digest and the length of everything.</returns>
    public async Task<(Sha256Digest Digest, long Bytes)> EndAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 20];
        while (await ReadAsync(buffer, cancellationToken) > 0)
        {
        }
        return (Sha256Digest.FromHash(_hash.GetHashAndReset()), _read);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Count(buffer, inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        return Count(buffer.Span, read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<byte> buffer, int read)
    {
        _hash.AppendData(buffer[..read]);
        _read += read;
        return read;
    }
}
