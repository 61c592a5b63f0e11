using System.Net;
using System.Net.Http.Headers;
using Minio;
using Minio.DataModel.Args;

namespace Factory.Storage.Objects.S3;

/// <summary>
/// Reads of a bucket's objects: plain GETs of short-lived signed addresses, because the client library asks up to three times for one object, hides why it was
/// refused, and gives its bytes to a callback.
/// </summary>
internal sealed class S3Reads(IMinioClient client, HttpClient http, S3Transport transport, S3Options options, string prefix, TimeProvider time)
{
    private static readonly int AddressSeconds = (int)TimeSpan.FromMinutes(15).TotalSeconds;

    public S3Options Options => options;

    /// <summary>Finds an object; nothing when it is not there. A GET of one byte, not a HEAD: the refusal of a HEAD has no body that says why.</summary>
    /// <exception cref="S3Fault">It cannot be asked for.</exception>
    public async Task<S3Entry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = await RequestAsync(name);
        request.Headers.Range = new(0, 0);
        request.Options.Set(S3Transport.Streamed, true);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
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

    /// <summary>Reads an object from a byte on; nothing when it is not there.</summary>
    /// <param name="name">Its key, without the prefix.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="tag">ETag that it must have; none: any.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="S3Fault">It cannot be read.</exception>
    public async Task<HttpResponseMessage?> GetAsync(string name, long offset, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = await RequestAsync(name);
        if (offset > 0) request.Headers.Range = new(offset, null);
        if (tag is not null) request.Headers.IfMatch.Add(tag);
        request.Options.Set(S3Transport.Streamed, true);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (S3Fault missing) when (IsMissing(missing))
        {
            return null;
        }
    }

    /// <summary>Waits before something is tried again.</summary>
    public Task BackOffAsync(int failures, CancellationToken cancellationToken) => transport.BackOffAsync(failures, cancellationToken);

    /// <summary>An answer without a length, whose end could not be told from a cut.</summary>
    public static S3Fault NoLength() => new(null, "MissingContentLength", "the server, or something on the way to it, does not say how long an object is.");

    private static bool IsMissing(S3Fault fault) => fault.Code == "NoSuchKey" || (fault.Status == HttpStatusCode.NotFound && fault.Code == nameof(HttpStatusCode.NotFound));

    private async Task<HttpRequestMessage> RequestAsync(string name) => new(HttpMethod.Get, await client.PresignedGetObjectAsync(
        new PresignedGetObjectArgs().WithBucket(options.Bucket).WithObject(prefix + name).WithExpiry(AddressSeconds).WithRequestDate(time.GetUtcNow().UtcDateTime)));
}
