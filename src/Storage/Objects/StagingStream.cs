namespace Factory.Storage.Objects;

/// <summary>A file that a blob is staged in, for writing only. What the disk refuses comes as <see cref="ObjectStoreUnavailableException"/>.</summary>
/// <param name="file">The file; owned.</param>
/// <param name="refused">Says who does not take writes, and why.</param>
/// <param name="durable">Whether a flush reaches the disk.</param>
internal class StagingStream(FileStream file, Func<IOException, ObjectStoreUnavailableException> refused, bool durable) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (IOException full)
        {
            throw refused(full);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Files have no asynchronous writes worth having on Linux; the thread pool is not spared by pretending.
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
        try
        {
            file.Flush(durable);
        }
        catch (IOException full)
        {
            throw refused(full);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                file.Dispose();
            }
            catch (IOException)
            {
                // A full disk refuses the last buffer again; the writer has been told already.
            }
        }
        base.Dispose(disposing);
    }
}
