using Factory.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Factory.Storage.Provenance.Postgres;

/// <summary>The database on a PostgreSQL server: what services share. Digests are stored as 32 bytes, times as <c>timestamptz</c>.</summary>
/// <param name="options">The connection.</param>
public sealed class PostgresFactoryContext(DbContextOptions<PostgresFactoryContext> options) : FactoryDbContext(options)
{
    /// <inheritdoc/>
    public override Task AnalyzeWorkItemsAsync(CancellationToken cancellationToken) => Database.ExecuteSqlAsync($"ANALYZE work_items", cancellationToken);

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<Sha256Digest>().HaveConversion<BytesConverter>();
    }

    private sealed class BytesConverter() : ValueConverter<Sha256Digest, byte[]>(
        digest => Convert.FromHexString(digest.Hex), bytes => Sha256Digest.FromHash(bytes));
}

/// <summary>Builds the context for <c>dotnet ef migrations add</c>.</summary>
internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresFactoryContext>
{
    public PostgresFactoryContext CreateDbContext(string[] args) =>
        (PostgresFactoryContext)FactoryDatabase.Open(new() { Provider = DatabaseProvider.PostgreSql, ConnectionString = "Host=design" });
}
