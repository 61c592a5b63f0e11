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

    /// <summary>Says why the database cannot be written, when that is what a fault means: a full disk, a file that is read-only, gone or unreadable.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    /// <returns>One line for the person who runs the factory; null when the fault is of another kind.</returns>
    public static string? ExplainUnwritable(Exception? fault) => fault switch
    {
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqliteIoError or SqliteFull or SqliteCannotOpen } =>
            $"the database cannot be written ({fault.Message}); check the data folder's space and permissions.",
        DbUpdateException => ExplainUnwritable(fault.InnerException),
        _ => null,
    };

    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
}
