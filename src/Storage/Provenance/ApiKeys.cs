using Factory.Contracts;
using Factory.Contracts.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>A key of the API. Rows are never removed: the audit log names them.</summary>
public sealed class ApiKey
{
    /// <summary>Longest name.</summary>
    public const int NameLength = 63;

    /// <summary>Primary key.</summary>
    public int Id { get; set; }

    /// <summary>The public part of the key, by which it is found.</summary>
    public required string PublicId { get; set; }

    /// <summary>SHA-256 of the whole key. A key has 256 random bits, so nobody finds it by trying, however fast the hash.</summary>
    public Sha256Digest KeyHash { get; set; }

    /// <summary>Its name; no two keys that are not revoked share one.</summary>
    public required string Name { get; set; }

    /// <summary>What its holder may do.</summary>
    public ApiRole Role { get; set; }

    /// <summary>Names of the projects it sees; null: all, those to come included.</summary>
    public IReadOnlyList<string>? Projects { get; set; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; set; }

    /// <summary>When it was made, UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When it ends, UTC; null: only when it is revoked.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>When it was revoked, UTC.</summary>
    public DateTime? RevokedAt { get; set; }

    /// <summary>When it was last used, UTC; written at most once an hour.</summary>
    public DateTime? LastUsedAt { get; set; }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    private const int PublicIdLength = 12;
    private const int CreatorLength = 255;

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.Property(key => key.PublicId).HasMaxLength(PublicIdLength);
        builder.Property(key => key.Name).HasMaxLength(ApiKey.NameLength);
        builder.Property(key => key.Projects).AsJson();
        builder.Property(key => key.CreatedBy).HasMaxLength(CreatorLength);
        builder.HasIndex(key => key.PublicId).IsUnique();
        builder.HasIndex(key => key.Name).IsUnique().HasFilter("revoked_at IS NULL");
    }
}
