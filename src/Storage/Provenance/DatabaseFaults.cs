using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Factory.Storage.Provenance;

/// <summary>What a fault of the database means for whoever met it.</summary>
public static class DatabaseFaults
{
    private const int SqliteBusy = 5;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int SqliteNotADatabase = 26;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    /// <summary>Says why the database cannot be used, when that is what a fault means: it is away, full, read-only, damaged or gone.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    /// <returns>One line for the person who runs the factory, without any secret; null when the fault is of another kind.</returns>
    public static string? ExplainUnusable(Exception? fault) => Innermost(fault) switch
    {
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqliteIoError or SqliteFull or SqliteCannotOpen } sqlite =>
            $"the database cannot be written ({sqlite.Message}); check the data folder's space and permissions.",
        var damaged when IsDamaged(damaged) => $"the database file cannot be read ({damaged!.Message}); put back a copy of it, or choose another data folder.",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction } unwritable =>
            $"the database cannot be written ({unwritable.MessageText}); check the server's disk, and that the connection leads to the primary.",
        PostgresException refused when IsRefused(refused) => $"the database server refuses ({refused.MessageText}); check Database:ConnectionString, and that the database exists.",
        // The server is there but has no connection to give, or is just starting or stopping.
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown } away =>
            $"the database server is not ready ({away.MessageText}); try again.",
        NpgsqlException unreachable and not PostgresException => $"the database server cannot be reached ({unreachable.InnerException?.Message ?? unreachable.Message}); check Database:ConnectionString and the server.",
        _ => null,
    };

    /// <summary>Whether a fault means that the server is there and does not let this program in: user, password, rights or the database's name. Waiting does not mend it.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    public static bool IsRefused(Exception? fault) => Innermost(fault) is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
        or PostgresErrorCodes.InsufficientPrivilege
    };

    /// <summary>Whether a fault is of the moment: the same command may well succeed when it is given again.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    public static bool IsPassing(Exception? fault) => Innermost(fault) switch
    {
        SqliteException { SqliteErrorCode: SqliteBusy } => true,
        DbException { IsTransient: true } => true,
        var other => ExplainUnusable(other) is not null && !IsDamaged(other),
    };

    /// <summary>Whether a fault came from a database server, or from not reaching it.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    public static bool IsOfServer(Exception? fault) => Innermost(fault) is NpgsqlException;

    /// <summary>Whether a fault means that a row with the same key was there already: somebody else came first.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    public static bool IsDuplicate(Exception? fault) => Innermost(fault) switch
    {
        SqliteException { SqliteExtendedErrorCode: SqliteConstraintPrimaryKey or SqliteConstraintUnique } => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => true,
        _ => false,
    };

    /// <summary>Whether a fault means that the database ended this transaction because it and another waited for one another.</summary>
    /// <param name="fault">What a command on the database threw.</param>
    public static bool IsDeadlock(Exception? fault) =>
        Innermost(fault) is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

    private static bool IsDamaged(Exception? fault) => fault is SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase };

    // What may pass comes wrapped in the advice to try again.
    private static Exception? Innermost(Exception? fault) => fault is DbUpdateException or InvalidOperationException { InnerException: DbException or DbUpdateException } ? Innermost(fault.InnerException) : fault;
}
