using Factory.Contracts.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Factory.Storage.Provenance;

/// <summary>A worker as it was last heard of. Rows are overwritten, and removed a day after the last sign of life: no provenance.</summary>
public sealed class WorkerRow
{
    /// <summary>Name of the worker; primary key.</summary>
    public required string Name { get; set; }

    /// <summary>What it said last.</summary>
    public required WorkerSeen Report { get; set; }

    /// <summary>When it said so, by its own clock, UTC. A message that comes late changes nothing.</summary>
    public DateTime SentAt { get; set; }

    /// <summary>When that arrived, by the coordinator's clock, UTC.</summary>
    public DateTime SeenAt { get; set; }
}

internal sealed class WorkerConfiguration : IEntityTypeConfiguration<WorkerRow>
{
    public void Configure(EntityTypeBuilder<WorkerRow> builder)
    {
        builder.HasKey(worker => worker.Name);
        builder.Property(worker => worker.Name).HasMaxLength(255);
        builder.Property(worker => worker.Report).AsJson();
        builder.HasIndex(worker => worker.SeenAt);
    }
}
