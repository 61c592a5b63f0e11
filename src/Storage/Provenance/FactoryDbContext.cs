using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Factory.Storage.Provenance;

/// <summary>The database: collections, runs with their work items, and the provenance of every artifact. Only the coordinator opens it.</summary>
/// <param name="options">Provider and connection.</param>
public sealed class FactoryDbContext(DbContextOptions<FactoryDbContext> options) : DbContext(options)
{
    /// <summary>Collections by name.</summary>
    public DbSet<Collection> Collections => Set<Collection>();

    /// <summary>Immutable versions of collections.</summary>
    public DbSet<CollectionVersion> CollectionVersions => Set<CollectionVersion>();

    /// <summary>Images of collection versions.</summary>
    public DbSet<CollectionImage> CollectionImages => Set<CollectionImage>();

    /// <summary>Source files and the blobs import made of them.</summary>
    public DbSet<PreparedImage> PreparedImages => Set<PreparedImage>();

    /// <summary>Runs.</summary>
    public DbSet<Run> Runs => Set<Run>();

    /// <summary>Steps of runs.</summary>
    public DbSet<RunStep> RunSteps => Set<RunStep>();

    /// <summary>Work items: the truth about what is to be done and what is done.</summary>
    public DbSet<WorkItem> WorkItems => Set<WorkItem>();

    /// <summary>Attempts at work items.</summary>
    public DbSet<Attempt> Attempts => Set<Attempt>();

    /// <summary>Checkpoints, made by runs or imported.</summary>
    public DbSet<Checkpoint> Checkpoints => Set<Checkpoint>();

    /// <summary>Where the CAM of an image under a classifier is.</summary>
    public DbSet<CamRow> CamRows => Set<CamRow>();

    /// <summary>Provenance of synthetic samples.</summary>
    public DbSet<Sample> Samples => Set<Sample>();

    /// <summary>Workers heard of of late.</summary>
    public DbSet<WorkerRow> Workers => Set<WorkerRow>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(FactoryDbContext).Assembly);
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<Contracts.Sha256Digest>().HaveConversion<DigestConverter>().HaveMaxLength(64);
        configurationBuilder.Properties<ulong>().HaveConversion<SeedConverter>();
    }

    // SQLite gives times back without their kind.
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private sealed class DigestConverter() : ValueConverter<Contracts.Sha256Digest, string>(
        digest => digest.Hex, hex => Contracts.Sha256Digest.Parse(hex));

    // Seeds use all 64 bits; databases have signed integers only.
    private sealed class SeedConverter() : ValueConverter<ulong, long>(
        seed => unchecked((long)seed), bits => unchecked((ulong)bits));
}
