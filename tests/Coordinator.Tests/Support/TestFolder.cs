using Microsoft.Data.Sqlite;

namespace Factory.Coordinator.Tests.Support;

/// <summary>A temporary folder for one coordinator after another.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("factory-coordinator-").FullName;

    public string DatabasePath => Path.Combine(_path, "factory.db");

    public string ObjectsPath => Path.Combine(_path, "store");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_path, recursive: true);
    }
}
