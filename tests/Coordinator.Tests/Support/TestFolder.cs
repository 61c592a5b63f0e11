using Factory.Storage.Provenance;
using Factory.Tests.Servers;
using MassTransit;
using Microsoft.Data.Sqlite;

namespace Factory.Coordinator.Tests.Support;

/// <summary>A temporary folder for one coordinator after another, and their database: a file in it, or one of its own on a server.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _path = Path.Combine(Root, "factory-coordinator-" + NewId.NextGuid().ToString("n"));
    private readonly string? _server;

    public TestFolder()
        : this(null)
    {
    }

    private TestFolder(string? server)
    {
        _server = server;
        Directory.CreateDirectory(_path);
    }

    public DatabaseProvider Provider => _server is null ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql;

    public string ConnectionString => _server ?? $"Data Source={Path.Combine(_path, "factory.db")}";

    public string ObjectsPath => Path.Combine(_path, "store");

    // In memory where there is such a place: every commit waits for the disk.
    private static string Root => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Makes one whose database is of a kind; the test is skipped where there is no server for it.</summary>
    public static async Task<TestFolder> CreateAsync(DatabaseProvider provider) =>
        new(provider == DatabaseProvider.PostgreSql ? await TestServers.PostgresAsync() : null);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Npgsql.NpgsqlConnection.ClearAllPools();
        Directory.Delete(_path, recursive: true);
    }
}
