using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Factory.Storage.Provenance;

/// <summary>The database's schema is not the one that this program was built for. Its message is one line: what is wrong, and what to do.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="remedy">What to do.</param>
/// <param name="isOlder">Whether migrations are missing.</param>
public sealed class DatabaseSchemaException(string fault, string remedy, bool isOlder) : Exception($"{fault}; {remedy}")
{
    /// <summary>Whether migrations are missing, all of them where there is no schema yet; otherwise it has one that this program does not know.</summary>
    public bool IsOlder => isOlder;

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
    private static readonly TimeSpan LongestMigration = TimeSpan.FromHours(1);

    /// <summary>Applies the migrations that are missing, and has a SQLite file keep a write-ahead log, so that readers and a writer never wait for one another. Safe when several do it at once: they wait for one another, and the second finds nothing to do.</summary>
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
            database.Database.SetCommandTimeout(LongestMigration);
            await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        }
        try
        {
            (List<string> missing, string? unknown) = await CompareAsync(database, cancellationToken);
            if (unknown is not null) throw Newer(unknown);
            // Kept by the file from then on: with a rollback journal, a commit fails on whoever reads.
            if (database.Database.IsSqlite()) await database.Database.ExecuteSqlAsync($"PRAGMA journal_mode = 'wal'", cancellationToken);
            if (missing.Count == 0) return missing;
            if (database.Database.IsSqlite()) return await MigrateFileAsync(database, cancellationToken);
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
            ? new DatabaseSchemaException("the database has no schema yet", "make it with: factory migrate", isOlder: true)
            : new DatabaseSchemaException(
                $"the database's schema is older than this program by {missing.Count} migration{(missing.Count == 1 ? "" : "s")} ({missing[0]} comes next)", "bring it up to date with: factory migrate", isOlder: true);
    }

    // EF Core commits a migration that rebuilds a table in pieces, and holds a lock that stays for good when the process is killed or the disk is full: cut short, the
    // next would wait forever, or find tables that it was to make. Here all that is missing stands or falls in one transaction, which is lock enough.
    private static async Task<IReadOnlyList<string>> MigrateFileAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            ((SqliteConnection)database.Database.GetDbConnection()).DefaultTimeout = (int)LongestMigration.TotalSeconds;
            // A table that is rebuilt is dropped while others refer to it; within a transaction the setting could not be changed.
            await database.Database.ExecuteSqlAsync($"PRAGMA foreign_keys = 0", cancellationToken);
            await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
            (List<string> missing, _) = await CompareAsync(database, cancellationToken);
            if (missing.Count == 0) return missing;
            await using DbCommand command = database.Database.GetDbConnection().CreateCommand();
            command.Transaction = transaction.GetDbTransaction();
            command.CommandText = string.Concat(missing.Select(migration => ScriptOf(database, migration)));
            await using (DbDataReader statements = await command.ExecuteReaderAsync(cancellationToken))
            {
                // Each is carried out when it is asked for.
                while (await statements.NextResultAsync(cancellationToken)) { }
            }
            await transaction.CommitAsync(cancellationToken);
            return missing;
        }
        finally
        {
            await database.Database.ExecuteSqlAsync($"PRAGMA foreign_keys = 1", CancellationToken.None);
            await database.Database.CloseConnectionAsync();
        }
    }

    private static string ScriptOf(FactoryDbContext database, string migration)
    {
        string before = database.Database.GetMigrations().TakeWhile(earlier => earlier != migration).LastOrDefault() ?? Migration.InitialDatabase;
        return database.GetService<IMigrator>().GenerateScript(before, migration, MigrationsSqlGenerationOptions.NoTransactions);
    }

    private static DatabaseSchemaException Newer(string unknown) =>
        new($"the database's schema is newer than this program, which does not know its migration {unknown}", "update this program", isOlder: false);

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
