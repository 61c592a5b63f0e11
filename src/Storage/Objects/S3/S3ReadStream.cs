using System.Net;
using System.Net.Http.Headers;

namespace Factory.Storage.Objects.S3;

/// <summary>
/// An object being read. It ends only where the object ends: a connection that is cut, or that says nothing for too long, is made again from there a few
/// times, and then the reading fails.
/// </summary>
internal sealed class S3ReadStream(S3Bucket bucket, string name, HttpResponseMessage response, long length) : Stream
{
    // Having got so far, a connection counts as one that worked.
    private const long ProgressBytes = 1 << 20;
    private readonly EntityTagHeaderValue? _tag = response.Headers.ETag;
    private HttpResponseMessage? _response = response;
    private Stream? _inner;
    private long _position;
    private long _lastFailure;
    private int _failures;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == length || buffer.IsEmpty) return 0;
        while (true)
        {
            try
            {
                _response ??= await ReopenAsync(cancellationToken);
                _inner ??= await _response.Content.ReadAsStreamAsync(cancellationToken);
                // Not more than is left: some servers send on.
                int read = await ReadSomeAsync(buffer[..(int)Math.Min(buffer.Length, length - _position)], cancellationToken);
                if (read == 0) throw new S3Fault(null, S3Fault.Connection, $"{name} was cut after {_position} of {length} bytes.");
                _position += read;
                return read;
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException or S3Fault)
            {
                await FailAsync(failure, cancellationToken);
            }
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Close(ref _response, ref _inner);
        base.Dispose(disposing);
    }

    private static void Close(ref HttpResponseMessage? response, ref Stream? inner)
    {
        inner?.Dispose();
        response?.Dispose();
        (inner, response) = (null, null);
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(bucket.Options.RequestTimeout);
        try
        {
            return await _inner!.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new S3Fault(null, S3Fault.Timeout, $"{name} stood still at {_position} of {length} bytes for {bucket.Options.RequestTimeout.TotalSeconds:0.###} seconds.", cause: silent);
        }
    }

    private async Task FailAsync(Exception failure, CancellationToken cancellationToken)
    {
        Close(ref _response, ref _inner);
        S3Fault fault = failure as S3Fault
            ?? new(null, S3Fault.Connection, $"{name} was cut after {_position} of {length} bytes: {S3Transport.Sentence(failure)}", cause: failure);
        if (_position - _lastFailure >= ProgressBytes) _failures = 0;
        _lastFailure = _position;
        if (!fault.IsPassing || ++_failures > bucket.Options.Retries) throw S3Remedy.ToException(fault, bucket.Options);
        await bucket.BackOffAsync(_failures, cancellationToken);
    }

    private async Task<HttpResponseMessage> ReopenAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage again = await bucket.GetAsync(name, _position, _tag, cancellationToken)
            ?? throw new S3Fault(HttpStatusCode.NotFound, "NoSuchKey", $"{name} was deleted while it was read.");
        bool follows = _position == 0
            ? again.Content.Headers.ContentLength == length
            : again.StatusCode == HttpStatusCode.PartialContent && again.Content.Headers.ContentRange is { } range && range.From == _position && range.Length == length;
        if (follows) return again;
        again.Dispose();
        throw new S3Fault(null, "Changed", $"{name} changed while it was read.");
    }
}
