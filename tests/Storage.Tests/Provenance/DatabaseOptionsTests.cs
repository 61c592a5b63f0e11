using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Factory.Storage.Tests.Provenance;

public sealed class DatabaseOptionsTests
{
    [Theory]
    [InlineData("PostgreSql", "Host=db;Database=factory;Username=factory;Password=secret")]
    [InlineData("postgresql", "Host=db;Database=factory")]
    [InlineData("Sqlite", "Data Source=factory.db")]
    [InlineData(null, "Data Source=factory.db")]
    public void SettingsThatLeadToADatabase_AreTaken(string? provider, string connection) => Failures(provider, connection).ShouldBeEmpty();

    [Theory]
    [InlineData("PostgreSql", "", "is not set")]
    [InlineData("PostgreSql", "Database=factory;Password=secret", "must name Host and Database")]
    [InlineData("PostgreSql", "Hots=db;Database=factory;Password=secret", "is no connection string of PostgreSql")]
    [InlineData("PostgreSql", "Host=db;Database=factory;Password='secret", "is no connection string of PostgreSql")]
    [InlineData("Sqlite", "Cache=Shared", "names no file")]
    [InlineData("Sqlite", "Host=db;Password=secret", "is no connection string of Sqlite")]
    [InlineData("Oracle", "Host=db;Database=factory;Password=secret", "must be Sqlite or PostgreSql")]
    [InlineData("7", "Host=db;Database=factory;Password=secret", "must be Sqlite or PostgreSql")]
    public void Mistakes_AreToldWithoutTheSecret(string provider, string connection, string told)
    {
        string failures = string.Join('\n', Failures(provider, connection));

        failures.ShouldContain(told);
        failures.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("", 100)]
    [InlineData(";Max Auto Prepare=0", 0)]
    [InlineData(";MaxAutoPrepare=7", 7)]
    public async Task StatementsThatRecur_ArePreparedUnlessToldOtherwise(string setting, int statements)
    {
        await using FactoryDbContext database = FactoryDatabase.Open(new() { Provider = DatabaseProvider.PostgreSql, ConnectionString = "Host=db;Database=factory" + setting });

        new NpgsqlConnectionStringBuilder(database.Database.GetConnectionString()).MaxAutoPrepare.ShouldBe(statements);
    }

    [Fact]
    public async Task ServerThatIsNotThere_IsToldInALineWithoutTheSecret()
    {
        await using FactoryDbContext database = FactoryDatabase.Open(new() { Provider = DatabaseProvider.PostgreSql, ConnectionString = "Host=127.0.0.1;Port=9;Database=factory;Username=me;Password=hunter2;Timeout=2" });

        Exception fault = await Should.ThrowAsync<Exception>(() => database.RequireCurrentAsync(CancellationToken.None));

        string told = DatabaseFaults.ExplainUnusable(fault).ShouldNotBeNull();
        told.ShouldContain("cannot be reached");
        (told + fault).ShouldNotContain("hunter2");
        DatabaseFaults.IsPassing(fault).ShouldBeTrue();
    }

    [Fact]
    public void Faults_AreToldApart()
    {
        DatabaseFaults.IsDeadlock(new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected)).ShouldBeTrue();
        DatabaseFaults.IsPassing(new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected)).ShouldBeTrue();
        DatabaseFaults.IsPassing(new PostgresException("null", "ERROR", "ERROR", PostgresErrorCodes.NotNullViolation)).ShouldBeFalse();
        DatabaseFaults.ExplainUnusable(new InvalidDataException("no database")).ShouldBeNull();
        DatabaseFaults.ExplainUnusable(null).ShouldBeNull();
    }

    private static IEnumerable<string> Failures(string? provider, string connection)
    {
        using ServiceProvider services = new ServiceCollection().AddLogging().AddFactoryDatabase(new ConfigurationBuilder().AddInMemoryCollection(
            [new("Database:Provider", provider), new("Database:ConnectionString", connection)]).Build()).BuildServiceProvider();
        try
        {
            _ = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return invalid.Failures;
        }
    }
}
