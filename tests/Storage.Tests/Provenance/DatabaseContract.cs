using Factory.Storage.Provenance;

namespace Factory.Storage.Tests.Provenance;

/// <summary>Tests of the database, derived once for each kind.</summary>
public abstract class DatabaseContract(DatabaseProvider provider) : IAsyncLifetime
{
    private TestDatabase? _database;

    private protected TestDatabase Database => _database!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(provider);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }
}
