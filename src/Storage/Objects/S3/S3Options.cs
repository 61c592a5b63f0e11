using System.ComponentModel.DataAnnotations;

namespace Factory.Storage.Objects.S3;

/// <summary>Which bucket a store is in, and how it is reached. Every client uses path-style addresses, except towards Amazon's own endpoints.</summary>
public sealed class S3Options
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Objects:S3";

    /// <summary>Address of the server: scheme (http or https), host and port only, as <c>https://s3.example.org:9000</c>.</summary>
    [MustBeSet]
    [CustomValidation(typeof(S3Options), nameof(ValidateEndpoint))]
    public string Endpoint { get; set; } = "";

    /// <summary>Region that requests are signed for. Default <c>us-east-1</c>, which servers without regions accept.</summary>
    [MustBeSet]
    public string Region { get; set; } = "us-east-1";

    /// <summary>The bucket. It is never made by the factory.</summary>
    [MustBeSet]
    [RegularExpression("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", ErrorMessage = "Bucket is no bucket name: 3 to 63 lower-case letters, digits, dots and dashes.")]
    public string Bucket { get; set; } = "";

    /// <summary>What every key begins with, so that several stores share a bucket; a slash is put after it. Default: nothing.</summary>
    [RegularExpression("(?!/)(?!.*//)[A-Za-z0-9._=/-]*", ErrorMessage = "Prefix has letters, digits, dots, dashes, underscores, equal signs and single slashes only, and does not begin with a slash.")]
    public string Prefix { get; set; } = "";

    /// <summary>The access key.</summary>
    [MustBeSet]
    public string AccessKey { get; set; } = "";

    /// <summary>The secret key. Never logged, and in no message.</summary>
    [MustBeSet]
    public string SecretKey { get; set; } = "";

    /// <summary>Folder for blobs on their way to the store; they need as much room as they are long. Default: a folder in the system's temporary folder.</summary>
    [Required]
    public string ScratchFolder { get; set; } = Path.Combine(Path.GetTempPath(), "factory-uploads");

    /// <summary>Time in which a connection must be made. Default 10 seconds.</summary>
    [DurationRange("00:00:00.001", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one request, which carries 16 MiB at most; for a blob that is read, the longest wait for more of it. Default 100 seconds.</summary>
    [DurationRange("00:00:00.001", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often a request that failed in passing is sent again: refused or cut connections, timeouts, 5xx, SlowDown. Default 4.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 4;

    /// <summary>Wait before the first repetition; it doubles with each, to 10 seconds, and half of it is left to chance. Default 0.3 seconds.</summary>
    [DurationRange("00:00:00", "00:00:10")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>What the settings are called where they are made, for messages. Default: by configuration section.</summary>
    public S3SettingNames Names { get; init; } = new();

    /// <summary>Says what is wrong with an endpoint; the value itself is not repeated, since an address may carry a password.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static ValidationResult? ValidateEndpoint(string? endpoint) =>
        string.IsNullOrEmpty(endpoint) || (Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url is { PathAndQuery: "/", UserInfo: "", Fragment: "" })
            ? ValidationResult.Success
            : new("Endpoint is no address of a server: http:// or https://, host and port, nothing else.");

    /// <summary>Refuses an empty value by the name that the setting has where it is made.</summary>
    [AttributeUsage(AttributeTargets.Property)]
    private sealed class MustBeSetAttribute : ValidationAttribute
    {
        protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value is string { Length: > 0 }
            ? ValidationResult.Success
            : new($"{((S3Options)validationContext.ObjectInstance).Names.Of(validationContext.MemberName!)} is not set ({validationContext.MemberName}).");
    }
}

/// <summary>What settings of a bucket are called where they are made.</summary>
public sealed record S3SettingNames
{
    /// <summary>Name of <see cref="S3Options.Endpoint"/>.</summary>
    public string Endpoint { get; init; } = $"{S3Options.Section}:{nameof(S3Options.Endpoint)}";

    /// <summary>Name of <see cref="S3Options.Region"/>.</summary>
    public string Region { get; init; } = $"{S3Options.Section}:{nameof(S3Options.Region)}";

    /// <summary>Name of <see cref="S3Options.Bucket"/>.</summary>
    public string Bucket { get; init; } = $"{S3Options.Section}:{nameof(S3Options.Bucket)}";

    /// <summary>Name of <see cref="S3Options.AccessKey"/>.</summary>
    public string AccessKey { get; init; } = $"{S3Options.Section}:{nameof(S3Options.AccessKey)}";

    /// <summary>Name of <see cref="S3Options.SecretKey"/>.</summary>
    public string SecretKey { get; init; } = $"{S3Options.Section}:{nameof(S3Options.SecretKey)}";

    /// <summary>Name of a setting.</summary>
    /// <param name="property">The property of <see cref="S3Options"/>.</param>
    public string Of(string property) => property switch
    {
        nameof(S3Options.Endpoint) => Endpoint,
        nameof(S3Options.Region) => Region,
        nameof(S3Options.Bucket) => Bucket,
        nameof(S3Options.AccessKey) => AccessKey,
        nameof(S3Options.SecretKey) => SecretKey,
        _ => $"{S3Options.Section}:{property}",
    };
}
