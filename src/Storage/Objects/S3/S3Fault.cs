using System.Net;
using System.Xml;
using System.Xml.Linq;

namespace Factory.Storage.Objects.S3;

/// <summary>A request that the server did not fulfil, or that did not get there.</summary>
/// <param name="status">The answer's status; none when there was no answer.</param>
/// <param name="code">The server's word for it, as <c>NoSuchKey</c>; <see cref="Connection"/> or <see cref="Timeout"/> when there was no answer.</param>
/// <param name="message">What the server, or the connection, says.</param>
/// <param name="skew">How far this machine's clock is ahead of the server's; zero when unknown.</param>
/// <param name="cause">What was thrown.</param>
internal sealed class S3Fault(HttpStatusCode? status, string code, string message, TimeSpan skew = default, Exception? cause = null)
    : Exception($"{code}: {message}", cause)
{
    public const string Connection = "Connection";
    public const string Timeout = "Timeout";
    public const string NotStored = "NotStored";

    private static readonly HashSet<string> Passing = ["SlowDown", "InternalError", "RequestTimeout", "OperationAborted", "BadDigest", "XAmzContentSHA256Mismatch", "ServiceUnavailable", Connection, Timeout, NotStored];

    public string Code => code;

    public string Said => message;

    public TimeSpan Skew => skew;

    public HttpStatusCode? Status => status;

    /// <summary>Whether the same request may succeed a little later, without anybody doing anything.</summary>
    public bool IsPassing => Passing.Contains(code) || (int?)status is >= 500 and not 501 or 408 or 429;

    /// <summary>The fault in an answer; nothing when the answer is none. Its body must be in memory unless it is a success.</summary>
    public static async Task<S3Fault?> InAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        bool success = response.IsSuccessStatusCode;
        // The end of a multipart upload says 200 before it is known whether it succeeds.
        if (success && response.RequestMessage?.Method != HttpMethod.Post) return null;
        (string? code, string? message) = Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        if (success && code is null) return null;
        TimeSpan skew = response.Headers.Date is { } server ? time.GetUtcNow() - server : TimeSpan.Zero;
        return new(success ? HttpStatusCode.InternalServerError : response.StatusCode, code ?? response.StatusCode.ToString(), message ?? $"HTTP {(int)response.StatusCode}", skew);
    }

    private static (string? Code, string? Message) Parse(string body)
    {
        if (!body.Contains("<Error", StringComparison.Ordinal)) return default;
        try
        {
            XElement error = XElement.Parse(body);
            string? code = error.Name.LocalName == "Error" ? Named(error, "Code") : null;
            return (code, Named(error, "Region") is { } region ? $"the region is {region}" : Named(error, "Message"));
        }
        catch (XmlException)
        {
            // A page of something between here and the server.
            return default;
        }
    }

    private static string? Named(XElement error, string name) => error.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value is { Length: > 0 } value ? value : null;
}
