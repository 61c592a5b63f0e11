using Factory.Storage.Provenance;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Tests of what a coordinator does on any database: derived once for each kind.</summary>
public abstract class CoordinatorContract(DatabaseProvider provider) : IAsyncLifetime
{
    private TestFolder? _folder;

    private protected TestFolder Folder => _folder!;

    private protected DatabaseProvider Provider => provider;

    public async ValueTask InitializeAsync() => _folder = await TestFolder.CreateAsync(provider);

    public ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        return ValueTask.CompletedTask;
    }
}
