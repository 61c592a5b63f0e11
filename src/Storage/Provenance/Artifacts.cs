using Factory.Contracts;
using Factory.Contracts.Recipes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>A registered checkpoint: made by a run, or imported.</summary>
public sealed class Checkpoint
{
    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>The project it belongs to.</summary>
    public int ProjectId { get; set; } = Project.DefaultId;

    /// <summary>The project it belongs to.</summary>
    public Project Project { get; set; } = null!;

    /// <summary>Name, unique in the project.</summary>
    public required string Name { get; set; }

    /// <summary>The safetensors blob.</summary>
    public Sha256Digest Digest { get; set; }

    /// <summary>Its length in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>One of <see cref="CheckpointKinds"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>Architecture in words.</summary>
    public required string Architecture { get; set; }

    /// <summary>The categories.</summary>
    public required CategoryList Categories { get; set; }

    /// <summary>Side of the network's square image in pixels.</summary>
    public int Size { get; set; }

    /// <summary>For a generator: the classifier whose CAMs it was trained on.</summary>
    public Sha256Digest? Classifier { get; set; }

    /// <summary>For a generator: the lesion maps that it was trained on, in place of CAMs.</summary>
    public LesionMapSpec? Lesions { get; set; }

    /// <summary>The work item that made it; absent when imported.</summary>
    public long? WorkItemId { get; set; }

    /// <summary>The run that made it; absent when imported.</summary>
    public int? RunId { get; set; }

    /// <summary>The step that made it; absent when imported.</summary>
    public string? Step { get; set; }

    /// <summary>When it was registered, UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Names the blob.</summary>
    public ObjectRef ToObjectRef() => new() { Digest = Digest, Bytes = Bytes, MediaType = MediaTypes.SafeTensors };
}

/// <summary>Where the CAM of one image under one classifier is, in a project. Projects share none: a block holds CAMs of other images too.</summary>
public sealed class CamRow
{
    /// <summary>The project whose run computed it.</summary>
    public int ProjectId { get; set; } = Project.DefaultId;

    /// <summary>The classifier's checkpoint.</summary>
    public Sha256Digest Classifier { get; set; }

    /// <summary>The image.</summary>
    public Sha256Digest Image { get; set; }

    /// <summary>The CAM block.</summary>
    public Sha256Digest Block { get; set; }

    /// <summary>Length of the CAM block in bytes.</summary>
    public long BlockBytes { get; set; }

    /// <summary>Row in the block.</summary>
    public int Row { get; set; }

    /// <summary>The work item that computed it.</summary>
    public long WorkItemId { get; set; }
}

/// <summary>Provenance of one synthetic sample. Append-only.</summary>
public sealed class Sample
{
    /// <summary>The work item that made its shard.</summary>
    public long WorkItemId { get; set; }

    /// <summary>Index in the corpus.</summary>
    public long Index { get; set; }

    /// <summary>The sample's key. The same recipe run again gives the same key.</summary>
    public required string Key { get; set; }

    /// <summary>Category index.</summary>
    public int Label { get; set; }

    /// <summary>The source: <see cref="CollectionImage.Id"/>; absent where the generator is label-conditioned.</summary>
    public long? SourceImageId { get; set; }

    /// <summary>The second source, for manipulations that need one.</summary>
    public long? PartnerImageId { get; set; }

    /// <summary>Name of the manipulation.</summary>
    public required string Manipulation { get; set; }

    /// <summary>What the manipulation drew.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; set; }

    /// <summary>The sample's seed.</summary>
    public ulong Seed { get; set; }

    /// <summary>The draw that was kept, from 0.</summary>
    public int Draw { get; set; }

    /// <summary>SHA-256 of the image member.</summary>
    public Sha256Digest Image { get; set; }

    /// <summary>Scores by name.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; set; }
}

internal sealed class ArtifactConfiguration :
    IEntityTypeConfiguration<Checkpoint>,
    IEntityTypeConfiguration<CamRow>,
    IEntityTypeConfiguration<Sample>
{
    public void Configure(EntityTypeBuilder<Checkpoint> builder)
    {
        builder.Property(checkpoint => checkpoint.Categories).AsJson();
        builder.Property(checkpoint => checkpoint.Lesions).AsJson();
        builder.HasIndex(checkpoint => new { checkpoint.ProjectId, checkpoint.Name }).IsUnique();
        builder.HasOne(checkpoint => checkpoint.Project).WithMany().HasForeignKey(checkpoint => checkpoint.ProjectId).OnDelete(DeleteBehavior.Restrict);
        builder.Navigation(checkpoint => checkpoint.Project).AutoInclude();
        builder.HasIndex(checkpoint => checkpoint.Digest);
    }

    public void Configure(EntityTypeBuilder<CamRow> builder)
    {
        builder.HasKey(row => new { row.ProjectId, row.Classifier, row.Image });
        builder.HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Sample> builder)
    {
        builder.HasKey(sample => new { sample.WorkItemId, sample.Index });
        builder.Property(sample => sample.Parameters).AsJson();
        builder.Property(sample => sample.Scores).AsJson();
        builder.HasOne<WorkItem>().WithMany().HasForeignKey(sample => sample.WorkItemId);
        builder.HasIndex(sample => sample.Key);
        // Lineage of a subject is read off these two alone: they hold the samples' keys, in order. Few samples have a partner.
        builder.HasIndex(sample => new { sample.SourceImageId, sample.WorkItemId, sample.Index });
        builder.HasIndex(sample => new { sample.PartnerImageId, sample.WorkItemId, sample.Index }).HasFilter("partner_image_id IS NOT NULL");
    }
}
