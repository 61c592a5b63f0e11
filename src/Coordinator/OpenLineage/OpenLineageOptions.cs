using System.ComponentModel.DataAnnotations;

namespace Factory.Coordinator.OpenLineage;

/// <summary>Where events of lineage go. None are sent unless <see cref="Endpoint"/> is set.</summary>
public sealed class OpenLineageOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "OpenLineage";

    /// <summary>Address of the catalog, such as <c>https://marquez.example.org</c>; events are posted to <c>/api/v1/lineage</c> below it. Absent: no events.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Key that is shown as a bearer token; absent: none. Never logged.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Namespace of jobs and data sets, which tells this factory from others. Default <c>factory</c>.</summary>
    [Required(ErrorMessage = "OpenLineage:Namespace must not be empty.")]
    public string Namespace { get; set; } = "factory";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Endpoint) && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out Uri? address) && (address.Scheme is "http" or "https")))
        {
            yield return new($"OpenLineage:Endpoint must be an address such as https://marquez.example.org, not '{Endpoint}'.");
        }
    }
}
