using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Xml;
using Minio;
using Minio.DataModel;
using Minio.DataModel.Args;
using Minio.Exceptions;

namespace Factory.Storage.Objects.S3;

/// <summary>One object of a bucket.</summary>
/// <param name="Name">Its key, without the prefix of the settings.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="WrittenAt">When it was last written.</param>
internal sealed record S3Entry(string Name, long Bytes, DateTimeOffset WrittenAt);

/// <summary>
/// Named objects under the prefix of a bucket: what <see cref="S3ObjectStore"/> and whatever else is kept there is built on. Writes go through the client
/// library; reads are plain GETs of short-lived signed addresses, because the library asks up to three times for one object and hides why it was refused.
/// </summary>
internal sealed class S3Bucket : IDisposable
{
    // Below, the library sends one request, and the ETag is the content's MD5.
    private const int SinglePartBytes = 5 << 20;
    private static readonly int AddressSeconds = (int)TimeSpan.FromMinutes(15).TotalSeconds;
    private readonly TimeProvider _time;
    private readonly S3Transport _transport;
    private readonly HttpClient _http;
    private readonly IMinioClient _client;
    private readonly string _prefix;
    private bool _tagsAreOpaque;

    /// <summary>Opens a bucket; nothing is asked yet.</summary>
    public S3Bucket(S3Options options, TimeProvider time)
    {
        (Options, _time) = (options, time);
        _prefix = options.Prefix.Length == 0 || options.Prefix.EndsWith('/') ? options.Prefix : options.Prefix + "/";
        _transport = new(options, time);
        _http = new(_transport) { Timeout = Timeout.InfiniteTimeSpan };
        Uri endpoint = new(options.Endpoint);
        _client = new MinioClient().WithEndpoint(endpoint.Authority).WithSSL(endpoint.Scheme == Uri.UriSchemeHttps).WithRegion(options.Region)
            .WithCredentials(options.AccessKey, options.SecretKey).WithHttpClient(_http).Build();
    }

    public S3Options Options { get; }

    /// <summary>Where it is, for messages.</summary>
    public string Place => S3Remedy.Place(Options);

    /// <summary>Writes an object; it is visible when all of it is there. What was stored is checked: by checksum where one request carried it, else by length.</summary>
    /// <param name="name">Its key, without the prefix.</param>
    /// <param name="content">Its bytes, from where the stream is.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="mediaType">What they are.</param>
    /// <param name="cancellationToken">Ends the upload; nothing is visible then.</param>
    public Task PutAsync(string name, Stream content, long bytes, string mediaType, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (bytes < SinglePartBytes)
        {
            await PutSinglePartAsync(name, content, (int)bytes, mediaType, cancellationToken);
            return true;
        }
        try
        {
            await SendAsync(name, content, bytes, mediaType, cancellationToken);
        }
        catch (S3Fault ended) when (ended.Code == "NoSuchUpload")
        {
            // The answer to its end was lost, and the end repeated: the length tells whether it succeeded.
        }
        long? stored = (await FindCoreAsync(name, cancellationToken))?.Bytes;
        return stored == bytes ? true : throw NotStored(name, stored is null ? "it is not there" : $"it has {stored} bytes, {bytes} were sent");
    });

    /// <summary>Finds an object; nothing when it is not there.</summary>
    public Task<S3Entry?> FindAsync(string name, CancellationToken cancellationToken) => GuardAsync(() => FindCoreAsync(name, cancellationToken));

    /// <summary>Opens an object; nothing when it is not there. Connections that are cut are made again where the reading was.</summary>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        if (await GetAsync(name, 0, null, cancellationToken) is not { } response) return null;
        if (response.Content.Headers.ContentLength is { } length) return (Stream)new S3ReadStream(this, name, response, length);
        response.Dispose();
        throw NoLength();
    });

    /// <summary>Every object whose name begins so, page by page.</summary>
    public async IAsyncEnumerable<S3Entry> ListAsync(string start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ListObjectsArgs arguments = new ListObjectsArgs().WithBucket(Options.Bucket).WithPrefix(_prefix + start).WithRecursive(true);
        await using IAsyncEnumerator<Item> items = _client.ListObjectsEnumAsync(arguments, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(async () => await items.MoveNextAsync()))
        {
            Item item = items.Current;
            yield return new(item.Key[_prefix.Length..], (long)item.Size, DateTimeOffset.Parse(item.LastModified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
        }
    }

    /// <summary>Removes an object; one that is not there is no error.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await _client.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(Options.Bucket).WithObject(_prefix + name), cancellationToken);
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    /// <summary>Reads an object from a byte on; nothing when it is not there.</summary>
    /// <param name="name">Its key, without the prefix.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="tag">ETag that it must have; none: any.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="S3Fault">It cannot be read.</exception>
    internal async Task<HttpResponseMessage?> GetAsync(string name, long offset, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = await RequestAsync(name);
        if (offset > 0) request.Headers.Range = new(offset, null);
        if (tag is not null) request.Headers.IfMatch.Add(tag);
        request.Options.Set(S3Transport.Streamed, true);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (S3Fault missing) when (IsMissing(missing))
        {
            return null;
        }
    }

    /// <summary>Waits before something is tried again.</summary>
    internal Task BackOffAsync(int failures, CancellationToken cancellationToken) => _transport.BackOffAsync(failures, cancellationToken);

    private static bool IsMissing(S3Fault fault) => fault.Code == "NoSuchKey" || (fault.Status == HttpStatusCode.NotFound && fault.Code == nameof(HttpStatusCode.NotFound));

    // A GET of one byte, not a HEAD: the refusal of a HEAD has no body that says why.
    private async Task<S3Entry?> FindCoreAsync(string name, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = await RequestAsync(name);
        request.Headers.Range = new(0, 0);
        request.Options.Set(S3Transport.Streamed, true);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            long? length = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;
            return new(name, length ?? throw NoLength(), response.Content.Headers.LastModified ?? default);
        }
        // There is no first byte.
        catch (S3Fault empty) when (empty.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return new(name, 0, default);
        }
        catch (S3Fault missing) when (IsMissing(missing))
        {
            return null;
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(string name) => new(HttpMethod.Get, await _client.PresignedGetObjectAsync(
        new PresignedGetObjectArgs().WithBucket(Options.Bucket).WithObject(_prefix + name).WithExpiry(AddressSeconds).WithRequestDate(_time.GetUtcNow().UtcDateTime)));

    private async Task<string> SendAsync(string name, Stream content, long bytes, string mediaType, CancellationToken cancellationToken) =>
        (await _client.PutObjectAsync(
            new PutObjectArgs().WithBucket(Options.Bucket).WithObject(_prefix + name).WithStreamData(content).WithObjectSize(bytes).WithContentType(mediaType), cancellationToken)).Etag;

    private async Task PutSinglePartAsync(string name, Stream content, int bytes, string mediaType, CancellationToken cancellationToken)
    {
        byte[] whole = new byte[bytes];
        await content.ReadExactlyAsync(whole, cancellationToken);
        string tag = (await SendAsync(name, new MemoryStream(whole, writable: false), bytes, mediaType, cancellationToken)).Trim('"');
        if (string.Equals(tag, Md5(whole), StringComparison.OrdinalIgnoreCase)) return;
        if (_tagsAreOpaque)
        {
            long? stored = (await FindCoreAsync(name, cancellationToken))?.Bytes;
            if (stored != bytes) throw NotStored(name, stored is null ? "it is not there" : $"it has {stored} bytes, {bytes} were sent");
            return;
        }
        // Where a bucket is encrypted by a key service, ETags are no checksums: what was stored is read back, once.
        await using Stream kept = await OpenAsync(name, cancellationToken) ?? throw NotStored(name, "it is not there");
        byte[] back = new byte[kept.Length];
        await kept.ReadExactlyAsync(back, cancellationToken);
        if (!back.AsSpan().SequenceEqual(whole)) throw NotStored(name, "it holds other bytes than were sent");
        _tagsAreOpaque = true;
    }

    [SuppressMessage("Security", "CA5351", Justification = "S3's ETag is an MD5; it is compared to find faults, not attacks.")]
    private static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

    private static S3Fault NotStored(string name, string finding) => new(null, S3Fault.NotStored, $"{name}: {finding}.");

    private static S3Fault NoLength() => new(null, "MissingContentLength", "the server, or something on the way to it, does not say how long an object is.");

    private async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (S3Fault fault)
        {
            throw S3Remedy.ToException(fault, Options);
        }
        catch (Exception unread) when (unread is MinioException or XmlException or FormatException)
        {
            throw S3Remedy.ToException(new S3Fault(null, S3Fault.Connection, "its answer cannot be read: " + S3Transport.Sentence(unread), cause: unread), Options);
        }
    }
}
