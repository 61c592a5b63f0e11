using Factory.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Factory.Storage.Provenance.Sqlite;

/// <summary>The database as a SQLite file: the embedded factory's. Digests are stored as 64 hexadecimal digits, times as UTC text.</summary>
/// <param name="options">The connection.</param>
public sealed class SqliteFactoryContext(DbContextOptions<SqliteFactoryContext> options) : FactoryDbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<Sha256Digest>().HaveConversion<HexConverter>().HaveMaxLength(64);
    }

    private sealed class HexConverter() : ValueConverter<Sha256Digest, string>(digest => digest.Hex, hex => Sha256Digest.Parse(hex));
}

/// <summary>Builds the context for <c>dotnet ef migrations add</c>.</summary>
internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteFactoryContext>
{
    public SqliteFactoryContext CreateDbContext(string[] args) =>
        (SqliteFactoryContext)FactoryDatabase.Open(new() { Provider = DatabaseProvider.Sqlite, ConnectionString = "Data Source=design.db" });
}
