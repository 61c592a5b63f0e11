using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
/// library; reads are <see cref="S3Reads"/>.
/// </summary>
internal sealed class S3Bucket : IDisposable
{
    // Below, the library sends one request, and the ETag is the content's MD5.
    private const int SinglePartBytes = 5 << 20;
    private readonly S3Reads _reads;
    private readonly HttpClient _http;
    private readonly IMinioClient _client;
    private readonly string _prefix;
    private bool _tagsAreOpaque;

    /// <summary>Opens a bucket; nothing is asked yet.</summary>
    public S3Bucket(S3Options options, TimeProvider time)
    {
        Options = options;
        _prefix = options.Prefix.Length == 0 || options.Prefix.EndsWith('/') ? options.Prefix : options.Prefix + "/";
        S3Transport transport = new(options, time);
        _http = new(transport) { Timeout = Timeout.InfiniteTimeSpan };
        Uri endpoint = new(options.Endpoint);
        _client = new MinioClient().WithEndpoint(endpoint.Authority).WithSSL(endpoint.Scheme == Uri.UriSchemeHttps).WithRegion(options.Region)
            .WithCredentials(options.AccessKey, options.SecretKey).WithHttpClient(_http).Build();
        _reads = new(_client, _http, transport, options, _prefix, time);
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
        long? stored = (await _reads.FindAsync(name, cancellationToken))?.Bytes;
        return stored == bytes ? true : throw NotStored(name, stored is null ? "it is not there" : $"it has {stored} bytes, {bytes} were sent");
    });

    /// <summary>Finds an object; nothing when it is not there.</summary>
    public Task<S3Entry?> FindAsync(string name, CancellationToken cancellationToken) => GuardAsync(() => _reads.FindAsync(name, cancellationToken));

    /// <summary>Opens an object; nothing when it is not there. Connections that are cut are made again where the reading was.</summary>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        if (await _reads.GetAsync(name, 0, null, cancellationToken) is not { } response) return null;
        if (response.Content.Headers.ContentLength is { } length) return (Stream)new S3ReadStream(_reads, name, response, length);
        response.Dispose();
        throw S3Reads.NoLength();
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
            long? stored = (await _reads.FindAsync(name, cancellationToken))?.Bytes;
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
