using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Provenance;

/// <summary>How the database is opened.</summary>
public static class FactoryDatabase
{
    /// <summary>Opens a SQLite file: snake_case names, foreign keys on, writers wait up to 30 seconds for one another.</summary>
    /// <param name="builder">The options to complete.</param>
    /// <param name="path">Path of the file; made when missing.</param>
    public static DbContextOptionsBuilder UseFactorySqlite(this DbContextOptionsBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        SqliteConnectionStringBuilder connection = new() { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 };
        return builder.UseSqlite(connection.ConnectionString).UseSnakeCaseNamingConvention();
    }
}
