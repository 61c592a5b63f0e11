using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Factory.Storage.Provenance;

/// <summary>The database's schema is not the one that this program was built for. Its message is one line: what is wrong, and what to do.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="remedy">What to do.</param>
public sealed class DatabaseSchemaException(string fault, string remedy) : Exception($"{fault}; {remedy}")
{
    /// <summary>What is wrong.</summary>
    public string Fault => fault;

    /// <summary>What to do.</summary>
    public string Remedy => remedy;
}

/// <summary>Brings the schema up to date, and refuses to work on another one.</summary>
public static class DatabaseSchema
{
    // Any number will do, as long as nobody else's advisory lock in the same database has it.
    private const long MigrationLock = 0x666163746f727901;

    /// <summary>Applies the migrations that are missing, and has a SQLite file keep a write-ahead log, so that readers and a writer never wait for one another. Safe when several do it at once: on PostgreSQL they wait for one another, and the second finds nothing to do.</summary>
    /// <param name="database">The database; on PostgreSQL it must exist, a SQLite file is made when missing.</param>
    /// <param name="cancellationToken">Cancels the wait; a migration that has begun is rolled back.</param>
    /// <returns>The migrations applied, by name; empty when there were none to apply.</returns>
    /// <exception cref="DatabaseSchemaException">The schema is newer than this program.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(this FactoryDbContext database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        // The lock belongs to the session: it goes with the connection, however that ends.
        if (database.Database.IsNpgsql())
        {
            await database.Database.OpenConnectionAsync(cancellationToken);
            database.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        }
        try
        {
            (List<string> missing, string? unknown) = await CompareAsync(database, cancellationToken);
            if (unknown is not null) throw Newer(unknown);
            // Kept by the file from then on: with a rollback journal, a commit fails on whoever reads.
            if (database.Database.IsSqlite()) await database.Database.ExecuteSqlAsync($"PRAGMA journal_mode = 'wal'", cancellationToken);
            if (missing.Count == 0) return missing;
            if (database.Database.IsSqlite()) await ForgetDeadMigrationAsync(database, cancellationToken);
            await database.Database.MigrateAsync(cancellationToken);
            return missing;
        }
        finally
        {
            if (database.Database.IsNpgsql())
            {
                await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
                await database.Database.CloseConnectionAsync();
            }
        }
    }

    /// <summary>Refuses a schema other than this program's own, older or newer. Services call it before they start; they never migrate.</summary>
    /// <param name="database">The database.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="DatabaseSchemaException">The schema is missing, older or newer.</exception>
    public static async Task RequireCurrentAsync(this FactoryDbContext database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        (List<string> missing, string? unknown) = await CompareAsync(database, cancellationToken);
        if (unknown is not null) throw Newer(unknown);
        if (missing.Count == 0) return;
        throw missing.Count == database.Database.GetMigrations().Count()
            ? new DatabaseSchemaException("the database has no schema yet", "make it with: factory migrate")
            : new DatabaseSchemaException(
                $"the database's schema is older than this program by {missing.Count} migration{(missing.Count == 1 ? "" : "s")} ({missing[0]} comes next)", "bring it up to date with: factory migrate");
    }

    // On SQLite the lock is a row, which a process that was killed leaves behind for good: the next would wait for it forever.
    private static async Task ForgetDeadMigrationAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        int locks = await database.Database.SqlQuery<int>($"SELECT count(*) AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'").SingleAsync(cancellationToken);
        if (locks > 0) await database.Database.ExecuteSqlAsync($"DELETE FROM \"__EFMigrationsLock\" WHERE julianday(\"timestamp\") < julianday('now', '-1 minute')", cancellationToken);
    }

    private static DatabaseSchemaException Newer(string unknown) =>
        new($"the database's schema is newer than this program, which does not know its migration {unknown}", "update this program");

    private static async Task<(List<string> Missing, string? Unknown)> CompareAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        List<string> known = [.. database.Database.GetMigrations()];
        // A database that does not exist would pass for one without a schema; asked anything else, its server says so.
        if (database.Database.IsNpgsql()) await database.Database.ExecuteSqlAsync($"SELECT 1", cancellationToken);
        // Without the file there is nothing to ask; being asked would make it.
        bool exists = !database.Database.IsSqlite() || await database.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellationToken);
        List<string> applied = exists ? [.. await database.Database.GetAppliedMigrationsAsync(cancellationToken)] : [];
        return ([.. known.Except(applied, StringComparer.Ordinal)], applied.Except(known, StringComparer.Ordinal).FirstOrDefault());
    }
}
