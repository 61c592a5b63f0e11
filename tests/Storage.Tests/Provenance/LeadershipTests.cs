using Factory.Storage.Provenance;
using Factory.Tests.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Factory.Storage.Tests.Provenance;

public sealed class LeadershipTests
{
    [Fact]
    public async Task OnAFile_TheOneProcessLeads()
    {
        await using ServiceProvider services = Services(DatabaseProvider.Sqlite, "Data Source=none.db");

        (await AsksAsync(services)).ShouldBeTrue();
    }

    [Fact]
    public async Task OfTwo_OneLeads_AndTheOtherWhenItIsGone()
    {
        string connection = await TestServers.PostgresAsync();
        await using ServiceProvider first = Services(DatabaseProvider.PostgreSql, connection), second = Services(DatabaseProvider.PostgreSql, connection);
        (await AsksAsync(first)).ShouldBeTrue();
        (await AsksAsync(second)).ShouldBeFalse();
        (await AsksAsync(first)).ShouldBeTrue("leading goes on");

        await first.DisposeAsync();

        await BecomesAsync(second, leads: true);
    }

    [Fact]
    public async Task LeaderWhoseSessionIsEnded_LeadsNoMoreUntilItsTurnComesAgain()
    {
        string connection = await TestServers.PostgresAsync();
        await using ServiceProvider first = Services(DatabaseProvider.PostgreSql, connection), second = Services(DatabaseProvider.PostgreSql, connection);
        await AsksAsync(first);
        await AsksAsync(second);

        await EndSessionOfLeaderAsync(connection);

        await BecomesAsync(second, leads: true);
        await Should.ThrowAsync<NpgsqlException>(() => AsksAsync(first));
        (await AsksAsync(first)).ShouldBeFalse("a session of its own again, and second in line");
    }

    [Fact]
    public async Task ServerThatRestarts_IsLedAgain()
    {
        await using PostgresServer server = await PostgresServer.StartNewAsync();
        await using ServiceProvider services = Services(DatabaseProvider.PostgreSql, await server.CreateDatabaseAsync());
        (await AsksAsync(services)).ShouldBeTrue();
        await server.StopAsync();
        await Should.ThrowAsync<NpgsqlException>(() => AsksAsync(services));
        await Should.ThrowAsync<NpgsqlException>(() => AsksAsync(services));

        await server.StartAsync();

        (await AsksAsync(services)).ShouldBeTrue();
    }

    private static Task<bool> AsksAsync(ServiceProvider services) => services.GetRequiredService<IDispatchLeadership>().HoldsAsync(CancellationToken.None);

    // A session's end is known to the server a moment after it is to us.
    private static async Task BecomesAsync(ServiceProvider services, bool leads)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
        while (await AsksAsync(services) != leads) await Task.Delay(10, patience.Token);
    }

    private static async Task EndSessionOfLeaderAsync(string connection)
    {
        await using NpgsqlConnection operatorSession = new(connection);
        await operatorSession.OpenAsync();
        await using NpgsqlCommand end = new(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", operatorSession);
        ((long)(await end.ExecuteScalarAsync())!).ShouldBe(1);
    }

    private static ServiceProvider Services(DatabaseProvider provider, string connection) => new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
        .AddFactoryDatabase(new ConfigurationBuilder().AddInMemoryCollection(
            [new("Database:Provider", provider.ToString()), new("Database:ConnectionString", connection)]).Build()).BuildServiceProvider();
}
