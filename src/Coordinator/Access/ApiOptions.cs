using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Factory.Coordinator.Access;

/// <summary>Where the HTTP API listens and who may use it.</summary>
public sealed class ApiOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Api";

    private const int LeastKeyLength = 16;

    /// <summary>Addresses to listen on, separated by semicolons. Default <c>http://127.0.0.1:5080</c>. Any but loopback needs a <see cref="Key"/> or <see cref="Oidc"/>.</summary>
    [Required(ErrorMessage = "Api:Listen must not be empty.")]
    public string Listen { get; set; } = "http://127.0.0.1:5080";

    /// <summary>
    /// The admin's key, with which the first keys of the database are made; at least 16 characters, shown as <c>Authorization: Bearer KEY</c>. Unset: the API is open on loopback,
    /// and others need a key of the database. Never logged.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>Tokens of an identity provider that are taken beside keys. Default: none.</summary>
    public OidcOptions Oidc { get; set; } = new();

    /// <summary>Credentials that fail a minute, from one address, after which it is answered 429 unheard until the minute is over, 1 to 1,000,000. Default 20.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Api:FailuresPerMinute must be 1 to 1,000,000.")]
    public int FailuresPerMinute { get; set; } = 20;

    /// <summary>Requests that each caller may make a minute, to each coordinator, 1 to 100,000,000; unset: any number. An import makes one for each image.</summary>
    [Range(1, 100_000_000, ErrorMessage = "Api:RequestsPerMinute must be 1 to 100,000,000, or unset.")]
    public int? RequestsPerMinute { get; set; }

    /// <summary>Whether who is on this machine may do everything without showing a key.</summary>
    internal bool IsOpen => string.IsNullOrEmpty(Key) && !Oidc.IsOn;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Key is { Length: > 0 and < LeastKeyLength }) yield return new($"Api:Key must have at least {LeastKeyLength} characters.");
        foreach (string mistake in Oidc.Mistakes()) yield return new(mistake);
        foreach (string address in Listen.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(address.Replace("*", "0.0.0.0", StringComparison.Ordinal).Replace("+", "0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out Uri? uri) || !uri.Scheme.StartsWith("http", StringComparison.Ordinal))
            {
                yield return new($"Api:Listen: '{address}' is no address; it looks like http://127.0.0.1:5080.");
            }
            else if (IsOpen && !IsLoopback(uri))
            {
                yield return new($"Api:Listen: {address} can be reached from other machines, and no Api:Key is set; set one, or listen on http://127.0.0.1:{uri.Port} only.");
            }
        }
    }

    private static bool IsLoopback(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
