using Factory.Storage.Provenance.Postgres;
using Factory.Storage.Provenance.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Factory.Storage.Provenance;

/// <summary>How the database is opened.</summary>
public static class FactoryDatabase
{
    private const string AutoPrepare = "Max Auto Prepare", NoReset = "No Reset On Close", SessionOptions = "Options";
    private const int PreparedStatements = 100;

    /// <summary>
    /// Adds the database that <see cref="DatabaseOptions"/> name: an <see cref="IDbContextFactory{TContext}"/> of <see cref="FactoryDbContext"/>, a scoped context, and what differs
    /// between providers (<see cref="ISampleWriter"/>, <see cref="IDatabaseClock"/>, <see cref="IDispatchLeadership"/>). Nothing is opened yet.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Read for <see cref="DatabaseOptions.Section"/>.</param>
    public static IServiceCollection AddFactoryDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection section = configuration.GetSection(DatabaseOptions.Section);
        services.AddOptions<DatabaseOptions>().Configure(options => options.Read(section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContext());
        // What is registered depends on the provider alone; a value that is none is told by validation.
        bool postgres = string.Equals(section[nameof(DatabaseOptions.Provider)], nameof(DatabaseProvider.PostgreSql), StringComparison.OrdinalIgnoreCase);
        return postgres ? AddPostgres(services) : AddSqlite(services);
    }

    /// <summary>A context of its own, for a command that looks at a database without being a host.</summary>
    /// <param name="options">Which database.</param>
    /// <exception cref="ArgumentException">The driver cannot read the connection string.</exception>
    public static FactoryDbContext Open(DatabaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Provider == DatabaseProvider.PostgreSql
            ? new PostgresFactoryContext(((DbContextOptionsBuilder<PostgresFactoryContext>)new DbContextOptionsBuilder<PostgresFactoryContext>().UseFactoryPostgres(options.ConnectionString)).Options)
            : new SqliteFactoryContext(((DbContextOptionsBuilder<SqliteFactoryContext>)new DbContextOptionsBuilder<SqliteFactoryContext>().UseFactorySqlite(options.ConnectionString)).Options);
    }

    /// <summary>Opens a SQLite file: snake_case names, foreign keys on, writers wait up to 30 seconds for one another.</summary>
    /// <param name="builder">The options to complete.</param>
    /// <param name="connectionString">Names the file, which is made when missing.</param>
    internal static DbContextOptionsBuilder UseFactorySqlite(this DbContextOptionsBuilder builder, string connectionString)
    {
        SqliteConnectionStringBuilder connection = new(connectionString) { ForeignKeys = true, DefaultTimeout = 30 };
        return builder.UseSqlite(connection.ConnectionString).UseFactoryRules();
    }

    /// <summary>
    /// Opens a PostgreSQL database: snake_case names; statements that recur are prepared, and sessions not reset between uses, which set nothing, unless the connection string says
    /// otherwise (<c>Max Auto Prepare=0</c>, which a pooler between may need). Nothing is compiled (<c>jit=off</c>): what is asked here takes milliseconds, and would take half a second for that.
    /// No retries beneath a transaction: what is cut off is done again as a whole by whoever asked, the dispatcher's loop or the queue.
    /// </summary>
    /// <param name="builder">The options to complete.</param>
    /// <param name="connectionString">Names host and database.</param>
    internal static DbContextOptionsBuilder UseFactoryPostgres(this DbContextOptionsBuilder builder, string connectionString)
    {
        NpgsqlConnectionStringBuilder connection = new(connectionString);
        if (!connection.ShouldSerialize(AutoPrepare)) connection.MaxAutoPrepare = PreparedStatements;
        if (!connection.ShouldSerialize(NoReset)) connection.NoResetOnClose = true;
        if (!connection.ShouldSerialize(SessionOptions)) connection.Options = "-c jit=off";
        return builder.UseNpgsql(connection.ConnectionString, npgsql => npgsql.SetPostgresVersion(14, 0)).UseFactoryRules();
    }

    // Some rows of many, without an order, are other rows each time.
    private static DbContextOptionsBuilder UseFactoryRules(this DbContextOptionsBuilder builder) => builder.UseSnakeCaseNamingConvention()
        .ConfigureWarnings(warnings => warnings.Throw(CoreEventId.RowLimitingOperationWithoutOrderByWarning, CoreEventId.FirstWithoutOrderByAndFilterWarning));

    private static IServiceCollection AddSqlite(IServiceCollection services) => services
        .AddDbContextFactory<SqliteFactoryContext>((provider, builder) => builder.UseFactorySqlite(ConnectionString(provider)))
        .AddSingleton<IDbContextFactory<FactoryDbContext>, ContextFactory<SqliteFactoryContext>>()
        .AddSingleton<ISampleWriter, BatchSampleWriter>()
        .AddSingleton<IDatabaseClock, MachineClock>()
        .AddSingleton<IDispatchLeadership, SoleLeadership>();

    private static IServiceCollection AddPostgres(IServiceCollection services) => services
        .AddDbContextFactory<PostgresFactoryContext>((provider, builder) => builder.UseFactoryPostgres(ConnectionString(provider)))
        .AddSingleton<IDbContextFactory<FactoryDbContext>, ContextFactory<PostgresFactoryContext>>()
        .AddSingleton<ISampleWriter, CopySampleWriter>()
        .AddSingleton<IDatabaseClock, ServerClock>()
        .AddSingleton<IDispatchLeadership, AdvisoryLockLeadership>();

    private static string ConnectionString(IServiceProvider provider) => provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString;

    private sealed class ContextFactory<TContext>(IDbContextFactory<TContext> contexts) : IDbContextFactory<FactoryDbContext>
        where TContext : FactoryDbContext
    {
        public FactoryDbContext CreateDbContext() => contexts.CreateDbContext();
    }
}
