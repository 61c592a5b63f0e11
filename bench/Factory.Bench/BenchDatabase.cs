using Factory.Storage.Provenance;
using Npgsql;

namespace Factory.Bench;

/// <summary>A database of a benchmark's own on a PostgreSQL server; it goes away afterwards.</summary>
internal static class BenchDatabase
{
    /// <summary>Runs something in it.</summary>
    /// <param name="purpose">What its name says.</param>
    /// <param name="server">Connection string of the server; null: that of <c>FACTORY_TEST_POSTGRES</c>.</param>
    /// <param name="run">Gets the way to the database, which is empty.</param>
    public static async Task<int> InNewAsync(string purpose, string? server, Func<DatabaseOptions, Task<int>> run)
    {
        server ??= Environment.GetEnvironmentVariable("FACTORY_TEST_POSTGRES")
            ?? throw new InvalidOperationException("FACTORY_TEST_POSTGRES names no server, and no connection string follows the number.");
        string name = $"bench_{purpose}_{Environment.ProcessId}";
        await OnServerAsync(server, $"CREATE DATABASE {name}");
        try
        {
            return await run(new() { Provider = DatabaseProvider.PostgreSql, ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString });
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await OnServerAsync(server, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    private static async Task OnServerAsync(string server, string sql)
    {
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
