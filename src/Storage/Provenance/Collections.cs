using Factory.Contracts;
using Factory.Contracts.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>A named collection; what it holds is in its versions.</summary>
public sealed class Collection
{
    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>The project it belongs to, with its versions and the runs on them.</summary>
    public int ProjectId { get; set; } = Project.DefaultId;

    /// <summary>The project it belongs to.</summary>
    public Project Project { get; set; } = null!;

    /// <summary>Name, unique in the project.</summary>
    public required string Name { get; set; }
}

/// <summary>An immutable version of a collection.</summary>
public sealed class CollectionVersion
{
    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>The collection.</summary>
    public int CollectionId { get; set; }

    /// <summary>The collection.</summary>
    public Collection Collection { get; set; } = null!;

    /// <summary>Version, counted from 1 within the collection.</summary>
    public int Version { get; set; }

    /// <summary>SHA-256 of the canonical list of images, labels, splits and terms.</summary>
    public Sha256Digest Digest { get; set; }

    /// <summary>The categories.</summary>
    public required CategoryList Categories { get; set; }

    /// <summary>What was done to the pixels.</summary>
    public required Preprocessing Preprocessing { get; set; }

    /// <summary>What the split was made by.</summary>
    public required string SplitBasis { get; set; }

    /// <summary>Layout of the imported folder.</summary>
    public required string Layout { get; set; }

    /// <summary>Licence of the images.</summary>
    public string? License { get; set; }

    /// <summary>Terms of use.</summary>
    public string? Terms { get; set; }

    /// <summary>Number of images.</summary>
    public int ImageCount { get; set; }

    /// <summary>Number of known subjects.</summary>
    public int SubjectCount { get; set; }

    /// <summary>Files refused at import.</summary>
    public required IReadOnlyList<RefusedFile> Refused { get; set; }

    /// <summary>When it was registered, UTC.</summary>
    public DateTime CreatedAt { get; set; }
}

/// <summary>One image of a collection version. Holds the user's ids, which leave the database in no release.</summary>
public sealed class CollectionImage
{
    /// <summary>Primary key.</summary>
    public long Id { get; set; }

    /// <summary>The version.</summary>
    public int CollectionVersionId { get; set; }

    /// <summary>Number within the version, from 0, in order of path.</summary>
    public int Ordinal { get; set; }

    /// <summary>Path of the source file.</summary>
    public required string Path { get; set; }

    /// <summary>SHA-256 of the source file.</summary>
    public Sha256Digest SourceDigest { get; set; }

    /// <summary>The prepared image.</summary>
    public Sha256Digest Digest { get; set; }

    /// <summary>Length of the prepared image in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; set; }

    /// <summary>Category index.</summary>
    public int Label { get; set; }

    /// <summary>The modality.</summary>
    public Modality Modality { get; set; }

    /// <summary>The side of the split.</summary>
    public Split Split { get; set; }

    /// <summary>The user's id of the subject.</summary>
    public string? Subject { get; set; }

    /// <summary>The user's id of the eye.</summary>
    public string? Eye { get; set; }

    /// <summary>Masks of its lesions by kind; absent where none were brought.</summary>
    public IReadOnlyDictionary<string, ObjectRef>? Lesions { get; set; }

    /// <summary>Number of the subject (else eye, else image) within the version, from 0: the pseudonym that caps and explanations use.</summary>
    public int SubjectNumber { get; set; }

    /// <summary>Names the prepared image.</summary>
    public ObjectRef ToObjectRef() => new() { Digest = Digest, Bytes = Bytes, MediaType = MediaTypes.Png };
}

/// <summary>One source file under one preprocessing, and the blob that a project's import made of it. Projects share none: nobody takes another's word for it.</summary>
public sealed class PreparedImage
{
    /// <summary>The project.</summary>
    public int ProjectId { get; set; } = Project.DefaultId;

    /// <summary>SHA-256 of the source file.</summary>
    public Sha256Digest Source { get; set; }

    /// <summary>Digest of the preprocessing.</summary>
    public Sha256Digest Preprocessing { get; set; }

    /// <summary>The prepared image.</summary>
    public Sha256Digest Digest { get; set; }

    /// <summary>Its length in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>Its width in pixels.</summary>
    public int Width { get; set; }

    /// <summary>Its height in pixels.</summary>
    public int Height { get; set; }
}

internal sealed class CollectionConfiguration :
    IEntityTypeConfiguration<Collection>,
    IEntityTypeConfiguration<CollectionVersion>,
    IEntityTypeConfiguration<CollectionImage>,
    IEntityTypeConfiguration<PreparedImage>
{
    public void Configure(EntityTypeBuilder<Collection> builder)
    {
        builder.Property(collection => collection.Name).HasMaxLength(63);
        builder.HasIndex(collection => new { collection.ProjectId, collection.Name }).IsUnique();
        builder.HasOne(collection => collection.Project).WithMany().HasForeignKey(collection => collection.ProjectId).OnDelete(DeleteBehavior.Restrict);
        builder.Navigation(collection => collection.Project).AutoInclude();
    }

    public void Configure(EntityTypeBuilder<CollectionVersion> builder)
    {
        builder.Property(version => version.Categories).AsJson();
        builder.Property(version => version.Preprocessing).AsJson();
        builder.Property(version => version.Refused).AsJson();
        builder.HasIndex(version => new { version.CollectionId, version.Version }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<CollectionImage> builder)
    {
        builder.HasOne<CollectionVersion>().WithMany().HasForeignKey(image => image.CollectionVersionId);
        builder.Property(image => image.Lesions).AsJson();
        builder.HasIndex(image => new { image.CollectionVersionId, image.Ordinal }).IsUnique();
        builder.HasIndex(image => new { image.CollectionVersionId, image.Subject });
    }

    public void Configure(EntityTypeBuilder<PreparedImage> builder)
    {
        builder.HasKey(image => new { image.ProjectId, image.Preprocessing, image.Source });
        builder.HasOne<Project>().WithMany().HasForeignKey(image => image.ProjectId).OnDelete(DeleteBehavior.Restrict);
    }
}
