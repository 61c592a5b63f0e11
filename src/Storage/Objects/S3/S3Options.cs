using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Factory.Storage.Objects.S3;

/// <summary>Which bucket a store is in, and how it is reached. Every client uses path-style addresses, except towards Amazon's own endpoints.</summary>
public sealed partial class S3Options : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Objects:S3";

    /// <summary>Address of the server: scheme (http or https), host and port only, as <c>https://s3.example.org:9000</c>.</summary>
    [Required]
    public string Endpoint { get; set; } = "";

    /// <summary>Region that requests are signed for. Default <c>us-east-1</c>, which servers without regions accept.</summary>
    [Required]
    public string Region { get; set; } = "us-east-1";

    /// <summary>The bucket. It is never made by the factory.</summary>
    [Required]
    [RegularExpression("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", ErrorMessage = "Bucket is no bucket name: 3 to 63 lower-case letters, digits, dots and dashes.")]
    public string Bucket { get; set; } = "";

    /// <summary>What every key begins with, so that several stores share a bucket; a slash is put after it. Default: nothing.</summary>
    [RegularExpression("[A-Za-z0-9._=/-]*", ErrorMessage = "Prefix has letters, digits, dots, dashes, underscores, equal signs and slashes only.")]
    public string Prefix { get; set; } = "";

    /// <summary>The access key.</summary>
    [Required]
    public string AccessKey { get; set; } = "";

    /// <summary>The secret key. Never logged, and in no message.</summary>
    [Required]
    public string SecretKey { get; set; } = "";

    /// <summary>Folder for blobs on their way to the store; they need as much room as they are long. Default: a folder in the system's temporary folder.</summary>
    [Required]
    public string ScratchFolder { get; set; } = Path.Combine(Path.GetTempPath(), "factory-uploads");

    /// <summary>Time in which a connection must be made. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00", ConvertValueInInvariantCulture = true, ParseLimitsInInvariantCulture = true)]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one request, which carries 16 MiB at most; for a blob that is read, the longest wait for more of it. Default 100 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00", ConvertValueInInvariantCulture = true, ParseLimitsInInvariantCulture = true)]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request that failed in passing is sent again: refused or cut connections, timeouts, 5xx, SlowDown. Default 4.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 4;

    /// <summary>Wait before the first repetition; it doubles with each, to 10 seconds, and half of it is left to chance. Default 0.3 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10", ConvertValueInInvariantCulture = true, ParseLimitsInInvariantCulture = true)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // The value itself is not repeated: an address may carry a password.
        if (Endpoint.Length > 0 && !IsServer(Endpoint)) yield return new("Endpoint is no address of a server: http:// or https://, host and port, nothing else.", [nameof(Endpoint)]);
        if (DoubleSlash().IsMatch(Prefix)) yield return new("Prefix neither begins with a slash nor has two in a row.", [nameof(Prefix)]);
    }

    private static bool IsServer(string endpoint) => Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
        && url is { PathAndQuery: "/", UserInfo: "", Fragment: "" };

    [GeneratedRegex("^/|//")]
    private static partial Regex DoubleSlash();
}
