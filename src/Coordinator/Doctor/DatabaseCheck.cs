using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Factory.Coordinator.Doctor;

/// <summary>Whether the database lets this program in, and has the schema that this build knows. Changes nothing.</summary>
/// <param name="provider">As configured: <c>PostgreSql</c> or <c>Sqlite</c>.</param>
/// <param name="connectionString">As configured. Never shown.</param>
public sealed class DatabaseCheck(string? provider, string connectionString) : IDoctorCheck
{
    private const string Settings = "Database__ConnectionString";

    /// <inheritdoc/>
    public string Name => "database";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        if (!Enum.TryParse(provider, ignoreCase: true, out DatabaseProvider driver) || !Enum.IsDefined(driver)) return CheckResult.Fault($"Database__Provider is '{provider}'", "set it to PostgreSql or Sqlite");
        try
        {
            await using ServiceProvider services = Services(driver);
            await using FactoryDbContext database = await services.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContextAsync(cancellationToken);
            await database.Database.OpenConnectionAsync(cancellationToken);
            await database.RequireCurrentAsync(cancellationToken);
            return CheckResult.Ok($"{Place(database)} lets this program in, schema {database.Database.GetMigrations().Last()}");
        }
        catch (DatabaseSchemaException schema)
        {
            return CheckResult.Fault(schema.Fault, schema.Remedy);
        }
        catch (Exception fault) when (Cause(fault) is NpgsqlException or System.Net.Sockets.SocketException or Microsoft.Data.Sqlite.SqliteException)
        {
            return Explain(Cause(fault)!);
        }
        catch (OptionsValidationException unreadable)
        {
            return CheckResult.Fault(string.Join(' ', unreadable.Failures), "write it like Host=db;Database=factory;Username=factory;Password=...");
        }
    }

    private ServiceProvider Services(DatabaseProvider driver) => new ServiceCollection().AddLogging().AddFactoryDatabase(new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["Database:Provider"] = driver.ToString(), ["Database:ConnectionString"] = connectionString }).Build()).BuildServiceProvider();

    private static string Place(FactoryDbContext database)
    {
        System.Data.Common.DbConnection connection = database.Database.GetDbConnection();
        return connection is NpgsqlConnection postgres
            ? $"PostgreSQL {postgres.PostgreSqlVersion} at {postgres.Host}:{postgres.Port}/{postgres.Database}"
            : connection.DataSource;
    }

    // What may pass is wrapped in advice to try again.
    private static Exception? Cause(Exception fault) => fault is InvalidOperationException ? fault.InnerException : fault;

    private static CheckResult Explain(Exception fault) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            CheckResult.Fault("the database does not know this user and password", $"check user and password in {Settings}"),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing => CheckResult.Fault(missing.MessageText, $"create the database, or check its name in {Settings}"),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied => CheckResult.Fault(denied.MessageText, "grant the user the rights of the database's owner"),
        Microsoft.Data.Sqlite.SqliteException file => CheckResult.Fault(file.Message, $"check the path in {Settings}"),
        _ => CheckResult.Fault($"the database cannot be reached: {(fault.InnerException ?? fault).Message.Split('\n', 2)[0]}", $"check host and port in {Settings}, and whether the server runs"),
    };
}
