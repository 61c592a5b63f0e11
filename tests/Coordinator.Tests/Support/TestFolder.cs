using MassTransit;
using Microsoft.Data.Sqlite;

namespace Factory.Coordinator.Tests.Support;

/// <summary>A temporary folder for one coordinator after another.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _path = Path.Combine(Root, "factory-coordinator-" + NewId.NextGuid().ToString("n"));

    public TestFolder() => Directory.CreateDirectory(_path);

    public string DatabasePath => Path.Combine(_path, "factory.db");

    public string ObjectsPath => Path.Combine(_path, "store");

    // In memory where there is such a place: every commit waits for the disk.
    private static string Root => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_path, recursive: true);
    }
}
