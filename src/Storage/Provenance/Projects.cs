using Factory.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>A part of the factory with data, callers and quotas of its own. Collections belong to one, and with them whatever is made of them. Projects are never removed or renamed.</summary>
public sealed class Project
{
    /// <summary>Longest name.</summary>
    public const int NameLength = 63;

    /// <summary>The project of whatever names none. It is there from the start.</summary>
    public const string Default = "default";

    /// <summary><see cref="Id"/> of <see cref="Default"/>.</summary>
    public const int DefaultId = 1;

    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>Unique name.</summary>
    public required string Name { get; set; }

    /// <summary>Most images, imported ones and samples together; null: any number.</summary>
    public long? ImageQuota { get; set; }

    /// <summary>Most bytes stored; null: any number.</summary>
    public long? ByteQuota { get; set; }

    /// <summary>Images it has: the pictures of its collections, each once, and the samples of its runs that are over.</summary>
    public long Images { get; set; }

    /// <summary>Samples that its runs which are not over are to make.</summary>
    public long ReservedImages { get; set; }

    /// <summary>Bytes it has stored, without those of its runs that are not over.</summary>
    public long Bytes { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public DateTime CreatedAt { get; set; }
}

/// <summary>A blob that a project has: somebody uploaded it there, or a run of the project made it. The same blob may be of several projects; the object store holds it once.</summary>
public sealed class ProjectObject
{
    /// <summary>The project.</summary>
    public int ProjectId { get; set; }

    /// <summary>The blob.</summary>
    public Sha256Digest Digest { get; set; }

    /// <summary>Its length in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>The run that made it first; null when it was brought in.</summary>
    public int? RunId { get; set; }

    /// <summary>Whether it is a picture of one of the project's collections.</summary>
    public bool IsImage { get; set; }
}

internal sealed class ProjectConfiguration : IEntityTypeConfiguration<Project>, IEntityTypeConfiguration<ProjectObject>
{
    public void Configure(EntityTypeBuilder<Project> builder)
    {
        builder.Property(project => project.Name).HasMaxLength(Project.NameLength);
        builder.HasIndex(project => project.Name).IsUnique();
        builder.HasData(new Project { Id = Project.DefaultId, Name = Project.Default, CreatedAt = DateTime.UnixEpoch });
    }

    public void Configure(EntityTypeBuilder<ProjectObject> builder)
    {
        builder.HasKey(stored => new { stored.ProjectId, stored.Digest });
        builder.HasOne<Project>().WithMany().HasForeignKey(stored => stored.ProjectId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<Run>().WithMany().HasForeignKey(stored => stored.RunId);
        builder.HasIndex(stored => stored.RunId).HasFilter("run_id IS NOT NULL");
    }
}
