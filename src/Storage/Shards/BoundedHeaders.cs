using System.Text;

namespace Factory.Storage.Shards;

/// <summary>
/// Reads a tar whose extended headers (long names, attributes) are small. The framework's reader takes memory for as many bytes as such a header claims to have before it reads them;
/// here the claim is judged when the header's block passes, which that reader takes in one read.
/// </summary>
/// <param name="inner">The tar; not owned.</param>
internal sealed class BoundedHeaders(Stream inner) : Stream
{
    /// <summary>Largest extended header, in bytes.</summary>
    public const int BytesLimit = 64 << 10;

    private const int Block = 512, SizeAt = 124, SizeLength = 12, TypeAt = 156;
    private const string Extended = "xXgLKN";
    private bool _isBody;

    /// <summary>Whether blocks that are read now are headers; else they may be content, which is not judged.</summary>
    public bool ReadsHeaders { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (!IsHeader(buffer.Length)) return inner.Read(buffer);
        int read = inner.ReadAtLeast(buffer, Block, throwOnEndOfStream: false);
        Judge(buffer[..read]);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsHeader(buffer.Length)) return await inner.ReadAsync(buffer, cancellationToken);
        int read = await inner.ReadAtLeastAsync(buffer, Block, throwOnEndOfStream: false, cancellationToken);
        Judge(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private bool IsHeader(int length)
    {
        if (!ReadsHeaders || length != Block) return false;
        bool isBody = _isBody;
        _isBody = false;
        return !isBody;
    }

    private void Judge(ReadOnlySpan<byte> block)
    {
        if (block.Length < Block || !Extended.Contains((char)block[TypeAt], StringComparison.Ordinal)) return;
        // Octal digits; a set upper bit means a number too large for them.
        string size = Encoding.ASCII.GetString(block.Slice(SizeAt, SizeLength)).Trim('\0', ' ');
        long bytes = 0;
        foreach (char digit in size) bytes = digit is >= '0' and <= '7' ? (bytes * 8) + digit - '0' : long.MaxValue / 16;
        if (bytes > BytesLimit) throw new InvalidDataException($"an extended header claims more than {BytesLimit} bytes");
        // What it says follows, in one read too.
        _isBody = bytes == Block;
    }
}
