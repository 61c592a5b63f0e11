using System.Security.Cryptography;
using Factory.Contracts;

namespace Factory.Storage.Objects;

/// <summary>The lines of a blob, hashed on the way: at its end the blob is what its digest says, or an exception was thrown.</summary>
/// <param name="stream">The blob; stays the caller's.</param>
/// <param name="blob">What it is to be.</param>
internal sealed class CheckedLines(Stream stream, ObjectRef blob) : IDisposable
{
    private const int FirstCapacity = 1 << 16;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[FirstCapacity];
    private int _begin, _end;
    private long _read;
    private bool _over;

    /// <summary>Number of the line given last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its line break, valid until the next call; null at the end.</summary>
    /// <exception cref="ObjectCorruptException">The blob ended, or grew, into another than its digest says.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        int searched = _begin;
        while (true)
        {
            int length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0) return Take(searched + length, 1);
            searched = _end;
            if (!_over)
            {
                searched -= MakeRoom();
                await FillAsync(cancellationToken);
                continue;
            }
            if (_begin == _end) return null;
            return Take(_end, 0);
        }
    }

    /// <summary>Reads to the end without giving lines.</summary>
    /// <exception cref="ObjectCorruptException">The blob is not what its digest says.</exception>
    public async Task SkipAsync(CancellationToken cancellationToken)
    {
        while (!_over)
        {
            _begin = _end = 0;
            await FillAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private ReadOnlyMemory<byte> Take(int end, int lineBreak)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_begin, end - _begin);
        _begin = end + lineBreak;
        Number++;
        return line;
    }

    // By how much the bytes not yet given have moved towards the front.
    private int MakeRoom()
    {
        if (_end < _buffer.Length) return 0;
        int moved = _begin;
        byte[] target = moved > 0 ? _buffer : new byte[_buffer.Length * 2];
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(target);
        (_buffer, _begin, _end) = (target, 0, _end - moved);
        return moved;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _read += read;
        if (_read > blob.Bytes || (read == 0 && _read < blob.Bytes)) throw new ObjectCorruptException(blob.Digest, $"it does not have {blob.Bytes} bytes");
        _hash.AppendData(_buffer, _end, read);
        _end += read;
        if (read > 0) return;
        _over = true;
        Sha256Digest actual = Sha256Digest.FromHash(_hash.GetHashAndReset());
        if (actual != blob.Digest) throw new ObjectCorruptException(blob.Digest, $"its bytes have the digest {actual}");
    }
}
