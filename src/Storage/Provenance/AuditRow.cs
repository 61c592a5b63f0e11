using Factory.Contracts.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>An entry of the audit log: who did or wanted what, and what became of it. Rows are only added, and counted up within an hour. No secrets.</summary>
public sealed class AuditRow
{
    /// <summary>Longest target; what is longer is cut.</summary>
    public const int TargetLength = 512;

    /// <summary>Longest name, and longest detail; what is longer is cut.</summary>
    public const int TextLength = 255;

    /// <summary>Primary key, in order of writing.</summary>
    public long Id { get; set; }

    /// <summary>When, UTC; of several alike, the first time.</summary>
    public DateTime At { get; set; }

    /// <summary>Who: the id of a key, <c>oidc:</c> and the subject of a token, <c>configured</c>, <c>loopback</c> or <c>unknown</c>.</summary>
    public required string Actor { get; set; }

    /// <summary>Their name then.</summary>
    public required string ActorName { get; set; }

    /// <summary>IP address they called from.</summary>
    public required string Address { get; set; }

    /// <summary>What they did or wanted, a noun and a verb: <c>run.submit</c>.</summary>
    public required string Action { get; set; }

    /// <summary>To what: a path of the API.</summary>
    public required string Target { get; set; }

    /// <summary>What became of it.</summary>
    public AuditOutcome Outcome { get; set; }

    /// <summary>Why not, in a line.</summary>
    public string? Detail { get; set; }

    /// <summary>How often, from 1.</summary>
    public int Count { get; set; } = 1;

    /// <summary>The last time, UTC.</summary>
    public DateTime LastAt { get; set; }
}

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditRow>
{
    private const int WordLength = 63;
    private const int AddressLength = 64;

    public void Configure(EntityTypeBuilder<AuditRow> builder)
    {
        builder.ToTable("audit");
        builder.Property(row => row.Actor).HasMaxLength(AuditRow.TextLength);
        builder.Property(row => row.ActorName).HasMaxLength(AuditRow.TextLength);
        builder.Property(row => row.Address).HasMaxLength(AddressLength);
        builder.Property(row => row.Action).HasMaxLength(WordLength);
        builder.Property(row => row.Target).HasMaxLength(AuditRow.TargetLength);
        builder.Property(row => row.Detail).HasMaxLength(AuditRow.TextLength);
        builder.HasIndex(row => row.At);
        builder.HasIndex(row => new { row.Actor, row.Id });
        builder.HasIndex(row => new { row.Action, row.Id });
    }
}
