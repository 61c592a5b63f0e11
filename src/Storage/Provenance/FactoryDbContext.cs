using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Factory.Storage.Provenance;

/// <summary>
/// The database: collections, runs with their work items, and the provenance of every artifact. Only the coordinator opens it. What differs between providers,
/// their migrations above all, is in <see cref="Sqlite.SqliteFactoryContext"/> and <see cref="Postgres.PostgresFactoryContext"/>; everybody else asks for this.
/// </summary>
/// <param name="options">Provider and connection.</param>
public abstract class FactoryDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>Projects, to which collections belong.</summary>
    public DbSet<Project> Projects => Set<Project>();

    /// <summary>Blobs by the projects that have them.</summary>
    public DbSet<ProjectObject> ProjectObjects => Set<ProjectObject>();

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

    /// <summary>Keys of the API, in force or not.</summary>
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    /// <summary>The audit log.</summary>
    public DbSet<AuditRow> AuditRows => Set<AuditRow>();

    /// <summary>
    /// Keys of the projects whose collections, versions, runs, checkpoints, CAMs, prepared images and blobs queries of this context find; empty: none; null (default): all. What belongs to these
    /// has no filter of its own and is reached through them.
    /// </summary>
    public IReadOnlyList<int>? VisibleProjects { get; set; }

    /// <summary>An entry about what is done with this context, written in the transaction of the next save; null: nobody asks.</summary>
    public AuditRow? Audit { get; set; }

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        // A try that collided is forgotten with all it wrote; another try writes the entry again.
        if (Audit is not null && Entry(Audit).State == EntityState.Detached)
        {
            Audit.Id = 0;
            AuditRows.Add(Audit);
        }
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>Has the database look at its work items anew, where it plans queries by what it knows of them: after many were added it would search for the next one among all.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    public virtual Task AnalyzeWorkItemsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(FactoryDbContext).Assembly);
        modelBuilder.Entity<Collection>().HasQueryFilter(collection => SeesAll || Visible.Contains(collection.ProjectId));
        modelBuilder.Entity<CollectionVersion>().HasQueryFilter(version => SeesAll || Visible.Contains(version.Collection.ProjectId));
        modelBuilder.Entity<PreparedImage>().HasQueryFilter(image => SeesAll || Visible.Contains(image.ProjectId));
        modelBuilder.Entity<Run>().HasQueryFilter(run => SeesAll || Visible.Contains(run.ProjectId));
        modelBuilder.Entity<Checkpoint>().HasQueryFilter(checkpoint => SeesAll || Visible.Contains(checkpoint.ProjectId));
        modelBuilder.Entity<CamRow>().HasQueryFilter(row => SeesAll || Visible.Contains(row.ProjectId));
        modelBuilder.Entity<ProjectObject>().HasQueryFilter(stored => SeesAll || Visible.Contains(stored.ProjectId));
    }

    private bool SeesAll => VisibleProjects is null;

    private IReadOnlyList<int> Visible => VisibleProjects ?? [];

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<ulong>().HaveConversion<SeedConverter>();
    }

    // Only UTC is stored. SQLite gives times back without their kind, and PostgreSQL takes no other kind.
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc),
        time => DateTime.SpecifyKind(time, DateTimeKind.Utc));

    // Seeds use all 64 bits; databases have signed integers only.
    private sealed class SeedConverter() : ValueConverter<ulong, long>(
        seed => unchecked((long)seed), bits => unchecked((ulong)bits));
}
