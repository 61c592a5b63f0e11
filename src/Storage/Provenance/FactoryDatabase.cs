using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Provenance;

/// <summary>How the database is opened.</summary>
public static class FactoryDatabase
{
    /// <summary>Options for a SQLite file, snake_case, foreign keys on.</summary>
    /// <param name="path">Path of the file; made when missing.</param>
    public static DbContextOptions<FactoryDbContext> Sqlite(string path)
    {
        SqliteConnectionStringBuilder connection = new() { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 };
        return new DbContextOptionsBuilder<FactoryDbContext>()
            .UseSqlite(connection.ConnectionString)
            .UseSnakeCaseNamingConvention()
            .Options;
    }
}
