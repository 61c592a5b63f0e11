using Factory.Tests.Servers.Containers;
using Factory.Tests.Servers.Native;
using Npgsql;

namespace Factory.Tests.Servers;

/// <summary>A PostgreSQL server of one test's own, on one loopback port for its whole life. It keeps its data over a restart.</summary>
public sealed class PostgresServer : ControlledServer
{
    internal const string User = "postgres";
    internal const string Password = "factory";

    /// <summary>Enough connections for tests side by side. Without fsync a server that is killed still loses nothing, only a machine that is.</summary>
    internal static readonly string[] Settings = ["-c", "max_connections=300", "-c", "fsync=off"];

    private PostgresServer(IServerHost host, int port)
        : base(host, port) => ConnectionString = $"Host=127.0.0.1;Port={port};Username={User};Password={Password};Database=postgres";

    /// <summary>Connects the superuser to the database <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts a new server; skips the test where there is none, fails it where there must be one.</summary>
    public static Task<PostgresServer> StartNewAsync() => Requirement.OrSkipAsync("postgres", CreateAsync);

    /// <summary>Makes a database, empty or a copy of another, and gives its connection string.</summary>
    /// <param name="template">Connection string of the database to copy, which nobody may be connected to.</param>
    public Task<string> CreateDatabaseAsync(string? template = null) => CreateDatabaseAsync(ConnectionString, template);

    internal static async Task<PostgresServer> CreateAsync()
    {
        int port = LoopbackPort.Take(1)[0];
        return await StartedAsync("postgres", () => ContainerServers.Postgres(port), () => NativePostgres.CreateAsync(port), host => new PostgresServer(host, port));
    }

    internal static async Task<string> CreateDatabaseAsync(string server, string? template = null)
    {
        string name = $"test_{Guid.NewGuid():N}";
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        string copied = template is null ? "" : $" TEMPLATE {new NpgsqlConnectionStringBuilder(template).Database}";
        await using NpgsqlCommand command = new($"CREATE DATABASE {name}{copied}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    private protected override async Task AskAsync(CancellationToken stop)
    {
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 5 }.ConnectionString);
        await connection.OpenAsync(stop);
    }
}
