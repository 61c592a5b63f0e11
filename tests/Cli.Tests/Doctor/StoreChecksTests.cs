using Factory.Cli.Tests.Import;
using Factory.Coordinator.Doctor;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Cli.Tests.Doctor;

public sealed class StoreChecksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ObjectStoreThatWorks_IsWellAndHoldsNothingMore()
    {
        FileSystemObjectStore objects = new(_folder.Root);

        CheckResult result = await new ObjectStoreCheck(() => objects, _folder.Root, "Objects__Folder").RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
        (await objects.ListAsync(CancellationToken.None).ToListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ObjectStoreThatCannotBeWritten_IsAFault()
    {
        string path = Path.Combine(_folder.Root, "file");
        await File.WriteAllTextAsync(path, "");

        CheckResult result = await new ObjectStoreCheck(() => new FileSystemObjectStore(Path.Combine(path, "store")), path, "Objects__Folder").RunAsync(CancellationToken.None);

        result.Remedy.ShouldNotBeNull().ShouldContain("Objects__Folder");
    }

    [Fact]
    public async Task Database_IsWellOnceItHasItsSchema()
    {
        string connection = $"Data Source={Path.Combine(_folder.Root, "factory.db")};Pooling=False";
        DatabaseCheck check = new("Sqlite", connection);
        (await check.RunAsync(CancellationToken.None)).Finding.ShouldContain("has no schema yet");
        await using (FactoryDbContext database = FactoryDatabase.Open(new() { ConnectionString = connection }))
        {
            await database.MigrateAsync(CancellationToken.None);
        }

        CheckResult result = await check.RunAsync(CancellationToken.None);

        result.IsOk.ShouldBeTrue(result.ToString());
    }

    [Theory]
    [InlineData("Oracle", "Host=here", "Database__Provider is 'Oracle'")]
    [InlineData("Sqlite", "Data Source=/no/such/folder/factory.db", "unable to open database file")]
    [InlineData("PostgreSql", "Host=127.0.0.1;Port=9;Database=factory;Username=factory;Password=secret;Timeout=2", "the database cannot be reached")]
    [InlineData("PostgreSql", "Hots=here;Password=secret", "Database:ConnectionString is no connection string of PostgreSql")]
    public async Task DatabaseThatIsNotThere_IsAFaultWithoutSecrets(string provider, string connection, string finding)
    {
        CheckResult result = await new DatabaseCheck(provider, connection).RunAsync(CancellationToken.None);

        result.Finding.ShouldContain(finding);
        result.IsOk.ShouldBeFalse();
        result.ToString().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("DELETE FROM \"__EFMigrationsHistory\" WHERE rowid = (SELECT max(rowid) FROM \"__EFMigrationsHistory\")", "older than this program by 1 migration", "bring it up to date with: factory migrate")]
    [InlineData("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '1')", "newer than this program", "update this program")]
    public async Task SchemaOfAnotherBuild_IsAFaultWithItsRemedy(string change, string finding, string remedy)
    {
        string connection = $"Data Source={Path.Combine(_folder.Root, "factory.db")};Pooling=False";
        await using (FactoryDbContext database = FactoryDatabase.Open(new() { ConnectionString = connection }))
        {
            await database.MigrateAsync(CancellationToken.None);
            await database.Database.ExecuteSqlRawAsync(change);
        }

        CheckResult result = await new DatabaseCheck("Sqlite", connection).RunAsync(CancellationToken.None);

        result.Finding.ShouldContain(finding);
        result.Remedy.ShouldBe(remedy);
    }
}
