using Factory.Tests.Servers;
using Npgsql;

namespace Factory.Servers.Tests;

/// <summary>PostgreSQL, shared and controlled.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task EachCaller_HasAnEmptyDatabase()
    {
        string first = await TestServers.PostgresAsync();
        string second = await TestServers.PostgresAsync();

        await RunAsync(first, "CREATE TABLE t (x int)");

        first.ShouldNotBe(second);
        (await RunAsync(second, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Restart_KeepsDataAndPort()
    {
        await using PostgresServer server = await PostgresServer.StartNewAsync();
        await RunAsync(server.ConnectionString, "CREATE TABLE t AS SELECT 7 AS x");

        await server.StopAsync();
        await Should.ThrowAsync<NpgsqlException>(() => RunAsync(server.ConnectionString, "SELECT 1"));
        await server.StartAsync();

        (await RunAsync(server.ConnectionString, "SELECT x FROM t")).ShouldBe(7);
    }

    [Fact]
    public async Task PausedServer_AnswersOnlyOnceResumed()
    {
        await using PostgresServer server = await PostgresServer.StartNewAsync();
        await server.PauseAsync();

        await Should.ThrowAsync<Exception>(() => RunAsync(server.ConnectionString + ";Timeout=1", "SELECT 1"));
        await server.ResumeAsync();

        (await RunAsync(server.ConnectionString, "SELECT 1")).ShouldBe(1);
    }

    private static async Task<object?> RunAsync(string server, string sql)
    {
        await using NpgsqlConnection connection = new(server + ";Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
