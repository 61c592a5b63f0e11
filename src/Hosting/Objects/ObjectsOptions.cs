using System.ComponentModel.DataAnnotations;

namespace Factory.Hosting.Objects;

/// <summary>Kinds of object store.</summary>
public enum ObjectStoreKind
{
    /// <summary>A folder that every service sees, under the same or another path.</summary>
    FileSystem,

    /// <summary>A bucket of an S3 server; see <see cref="Storage.Objects.S3.S3Options"/>.</summary>
    S3,
}

/// <summary>Where blobs are kept.</summary>
public sealed class ObjectsOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Objects";

    /// <summary><c>FileSystem</c> (default) or <c>S3</c>.</summary>
    [EnumDataType(typeof(ObjectStoreKind), ErrorMessage = "Objects:Kind must be FileSystem or S3.")]
    public ObjectStoreKind Kind { get; set; }

    /// <summary>The folder; needed with FileSystem.</summary>
    public string? Folder { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == ObjectStoreKind.FileSystem && string.IsNullOrEmpty(Folder)) yield return new("Objects:Folder is needed with Objects:Kind FileSystem.");
    }
}
