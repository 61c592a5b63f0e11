using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Storage.Provenance;
using Factory.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.Storage.Tests.Provenance;

/// <summary>An empty database and the services that go with it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly TemporaryFolder? _folder;
    private readonly ServiceProvider _services;

    private TestDatabase(DatabaseProvider provider, string connection, TemporaryFolder? folder)
    {
        (Provider, ConnectionString, _folder) = (provider, connection, folder);
        _services = Services();
    }

    public DatabaseProvider Provider { get; }

    public string ConnectionString { get; }

    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider)
    {
        if (provider == DatabaseProvider.PostgreSql) return new(provider, await TestServers.PostgresAsync(), null);
        TemporaryFolder folder = new();
        return new(provider, $"Data Source={Path.Combine(folder.Path, "factory.db")};Pooling=False", folder);
    }

    /// <summary>Services as another process would have them.</summary>
    public ServiceProvider Services(TimeProvider? time = null) => new ServiceCollection().AddLogging().AddSingleton(time ?? TimeProvider.System)
        .AddFactoryDatabase(new ConfigurationBuilder().AddInMemoryCollection(
            [new("Database:Provider", Provider.ToString()), new("Database:ConnectionString", ConnectionString)]).Build()).BuildServiceProvider();

    public FactoryDbContext Open() => _services.GetRequiredService<IDbContextFactory<FactoryDbContext>>().CreateDbContext();

    public ISampleWriter Writer => _services.GetRequiredService<ISampleWriter>();

    public async Task MigrateAsync()
    {
        await using FactoryDbContext database = Open();
        await database.MigrateAsync(CancellationToken.None);
    }

    /// <summary>Brings it up to date and adds a collection of subjects <c>s0, s1, ...</c> with two images each and a run with one completed shard; gives the shard's item.</summary>
    public async Task<WorkItem> SeedAsync(int subjects = 4)
    {
        await MigrateAsync();
        await using FactoryDbContext database = Open();
        CollectionVersion version = new()
        {
            Collection = new() { Name = "eyes" },
            Version = 1,
            Digest = Sha256Digest.Of("eyes"u8),
            Categories = CategoryList.Amd,
            Preprocessing = new(),
            SplitBasis = "subject",
            Layout = "csv",
            Refused = [],
        };
        database.Add(version);
        await database.SaveChangesAsync();
        for (int image = 0; image < 2 * subjects; image++) database.Add(NewImage(version.Id, image));
        Run run = new()
        {
            Name = "small",
            RecipeText = "",
            Recipe = new() { ApiVersion = "factory/v1", Name = "small", Collection = "eyes", Modality = Modality.Cfp, Steps = [] },
            CollectionVersionId = version.Id,
            Numerics = new() { Device = "cpu", Threads = 1 },
            Steps = [new() { Name = "corpus", Kind = "Synthesize" }],
        };
        database.Add(run);
        await database.SaveChangesAsync();
        WorkItem item = new()
        {
            RunId = run.Id,
            RunStepId = run.Steps[0].Id,
            Kind = "GenerateShard",
            Spec = "{}",
            State = ItemState.Completed,
            Artifact = Sha256Digest.Of("shard"u8),
        };
        database.Add(item);
        await database.SaveChangesAsync();
        return item;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Provider == DatabaseProvider.PostgreSql) Npgsql.NpgsqlConnection.ClearPool(new(ConnectionString));
        _folder?.Dispose();
    }

    private static CollectionImage NewImage(int versionId, int number) => new()
    {
        CollectionVersionId = versionId,
        Ordinal = number,
        Path = $"{number}.png",
        Digest = Sha256Digest.Of(BitConverter.GetBytes(number)),
        Subject = $"s{number / 2}",
        SubjectNumber = number / 2,
    };
}
