using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Factory.Storage.Provenance;

/// <summary>The databases there are drivers for.</summary>
public enum DatabaseProvider
{
    /// <summary>A file that one process uses.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, version 14 or later, that several coordinators share.</summary>
    PostgreSql,
}

/// <summary>Which database a coordinator uses. Holds a secret: never logged, and no message repeats the connection string.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Database";

    /// <summary><c>Sqlite</c> (default) or <c>PostgreSql</c>.</summary>
    public DatabaseProvider Provider { get; set; }

    /// <summary>
    /// Where it is; must be set. SQLite: <c>Data Source=/data/factory.db</c>. PostgreSQL: <c>Host=db;Database=factory;Username=factory;Password=...</c>; the password
    /// can be left out and come from <c>PGPASSWORD</c> or the file that <c>Passfile</c> names.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    // The binder throws at a name that is no provider; here it is left to validation, which tells it in a line.
    internal void Read(IConfiguration section)
    {
        ConnectionString = section[nameof(ConnectionString)] ?? "";
        if (section[nameof(Provider)] is { Length: > 0 } name) Provider = Enum.TryParse(name, ignoreCase: true, out DatabaseProvider known) ? known : (DatabaseProvider)(-1);
    }
}

/// <summary>Reads the connection string as its driver will, so that a mistake is told at start and not at the first query.</summary>
internal sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options) =>
        Mistake(options) is { } mistake ? ValidateOptionsResult.Fail(mistake) : ValidateOptionsResult.Success;

    private static string? Mistake(DatabaseOptions options)
    {
        if (!Enum.IsDefined(options.Provider)) return "Database:Provider must be Sqlite or PostgreSql.";
        if (string.IsNullOrWhiteSpace(options.ConnectionString)) return "Database:ConnectionString is not set; for PostgreSQL it looks like Host=db;Database=factory;Username=factory.";
        try
        {
            if (options.Provider == DatabaseProvider.Sqlite)
            {
                return new SqliteConnectionStringBuilder(options.ConnectionString).DataSource.Length > 0
                    ? null
                    : "Database:ConnectionString names no file: Data Source=/data/factory.db.";
            }
            NpgsqlConnectionStringBuilder parsed = new(options.ConnectionString);
            return string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database)
                ? "Database:ConnectionString must name Host and Database."
                : null;
        }
        // The reason quotes a key at most, but which part it takes for a key is up to the driver: the password might be in it.
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException)
        {
            return $"Database:ConnectionString is no connection string of {options.Provider}: key=value pairs separated by semicolons, known to the driver.";
        }
    }
}
