using Factory.Storage.Provenance;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Factory.Storage.Tests.Provenance;

public sealed class SchemaTests() : SchemaContract(DatabaseProvider.Sqlite)
{
    // The space ends at another statement each time.
    [Theory(Timeout = 60_000)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(160)]
    [InlineData(200)]
    public async Task MigrationThatWasCutShort_LeavesNothingAndIsTakenUpAgain(int kilobytes)
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk($"{kilobytes}k");
        DatabaseOptions options = new() { Provider = DatabaseProvider.Sqlite, ConnectionString = $"Data Source={disk.Of("factory.db")};Pooling=False" };
        await using (FactoryDbContext database = FactoryDatabase.Open(options))
        {
            Exception told = await Should.ThrowAsync<SqliteException>(() => database.MigrateAsync(TestContext.Current.CancellationToken));
            told.Message.ShouldContain("full");
        }
        disk.Remount("size=64m");
        await using FactoryDbContext next = FactoryDatabase.Open(options);

        (await next.MigrateAsync(TestContext.Current.CancellationToken)).Count.ShouldBe(next.Database.GetMigrations().Count());

        await next.RequireCurrentAsync(TestContext.Current.CancellationToken);
        (await next.Database.SqlQuery<int>($"SELECT foreign_keys AS \"Value\" FROM pragma_foreign_keys").SingleAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    // EF Core's own lock, which stayed for good when a program of before was killed at its migration.
    [Fact(Timeout = 20_000)]
    public async Task LockOfAMigrationThatWasKilled_DoesNotBlockTheNext()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        await database.Database.ExecuteSqlRawAsync(database.GetService<IHistoryRepository>().GetDeleteScript(database.Database.GetMigrations().First()));
        await database.Database.ExecuteSqlRawAsync("CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT NOT NULL); INSERT INTO \"__EFMigrationsLock\" VALUES (1, datetime('now'))");

        // The first migration stands already: applying it again fails, which is more than waiting.
        Exception told = await Should.ThrowAsync<SqliteException>(() => database.MigrateAsync(TestContext.Current.CancellationToken));
        told.Message.ShouldMatch("already exists|duplicate column");
    }

    [Fact(Timeout = 20_000)]
    public async Task WhoeverReads_DoesNotHoldUpAWriter()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext before = Database.Open();
        before.Projects.Add(new() { Name = "read" });
        await before.SaveChangesAsync(TestContext.Current.CancellationToken);
        await using FactoryDbContext reader = Database.Open();
        await using IAsyncEnumerator<Project> reading = reader.Projects.AsNoTracking().AsAsyncEnumerable().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        (await reading.MoveNextAsync()).ShouldBeTrue();

        await using FactoryDbContext writer = Database.Open();
        writer.Projects.Add(new() { Name = "written" });
        await writer.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task FileOfAnEarlierProgram_GetsItsWriteAheadLog()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = 'delete'", TestContext.Current.CancellationToken);

        (await database.MigrateAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();

        (await database.Database.SqlQueryRaw<string>("SELECT journal_mode AS \"Value\" FROM pragma_journal_mode").SingleAsync(TestContext.Current.CancellationToken)).ShouldBe("wal");
    }

    [Fact]
    public async Task MigrationThatWasKilledWhileItRebuiltTheSamples_IsTakenUpAgain()
    {
        WorkItem item = await Database.SeedAsync();
        await using FactoryDbContext database = Database.Open();
        database.Samples.Add(new() { WorkItemId = item.Id, Key = "kept", SourceImageId = 3, Manipulation = "flr", Parameters = new Dictionary<string, double>(), Scores = new Dictionary<string, double>() });
        await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        string rebuilding = database.Database.GetMigrations().Single(migration => migration.EndsWith("_SampleWithoutSource", StringComparison.Ordinal));
        await database.Database.ExecuteSqlRawAsync(database.GetService<IHistoryRepository>().GetDeleteScript(rebuilding));
        await database.Database.ExecuteSqlRawAsync("CREATE TABLE \"ef_temp_samples\" (half INTEGER)");

        (await database.MigrateAsync(TestContext.Current.CancellationToken)).ShouldBe([rebuilding]);
        await database.RequireCurrentAsync(TestContext.Current.CancellationToken);

        (await database.Samples.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken)).SourceImageId.ShouldBe(3);
        (await database.Database.SqlQuery<int>($"SELECT count(*) AS \"Value\" FROM sqlite_master WHERE type = 'index' AND tbl_name = 'samples' AND name LIKE 'ix_%'").SingleAsync(TestContext.Current.CancellationToken)).ShouldBe(3);
    }
}

public sealed class SchemaTestsOnPostgres() : SchemaContract(DatabaseProvider.PostgreSql)
{
    [Fact]
    public async Task Types_AreThoseOfTheServer()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();

        List<string> types = await database.Database.SqlQuery<string>(
            $"SELECT DISTINCT column_name || ' ' || data_type AS \"Value\" FROM information_schema.columns WHERE table_schema = 'public' AND column_name IN ('digest', 'image', 'lease_until', 'state', 'seed')").ToListAsync();

        types.ShouldBe(["digest bytea", "image bytea", "lease_until timestamp with time zone", "seed bigint", "state character varying"], ignoreOrder: true);
    }
}

public abstract class SchemaContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    [Fact]
    public async Task Migrations_MakeTheSchemaFromNothing()
    {
        await using FactoryDbContext database = Database.Open();

        (await database.MigrateAsync(CancellationToken.None)).ShouldNotBeEmpty();

        (await database.Samples.CountAsync()).ShouldBe(0);
        (await database.MigrateAsync(CancellationToken.None)).ShouldBeEmpty();
        await database.RequireCurrentAsync(CancellationToken.None);
    }

    [Fact]
    public void Model_IsThatOfTheMigrations()
    {
        using FactoryDbContext database = Database.Open();

        database.Database.HasPendingModelChanges().ShouldBeFalse("dotnet ef migrations add NAME for both contexts");
    }

    [Fact]
    public async Task MigratingTwiceAtOnce_DoesItOnce()
    {
        IReadOnlyList<string>[] applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using FactoryDbContext database = Database.Open();
            return await database.MigrateAsync(CancellationToken.None);
        })));

        await using FactoryDbContext after = Database.Open();
        (await after.Database.GetAppliedMigrationsAsync()).ShouldBe(after.Database.GetMigrations());
        applied.Count(migrations => migrations.Count > 0).ShouldBe(1);
    }

    [Fact]
    public async Task DatabaseWithoutSchema_IsRefusedWithTheCommandThatMakesIt()
    {
        await using FactoryDbContext database = Database.Open();

        DatabaseSchemaException refusal = await Should.ThrowAsync<DatabaseSchemaException>(() => database.RequireCurrentAsync(CancellationToken.None));

        refusal.Message.ShouldContain("has no schema yet");
        refusal.Message.ShouldContain("factory migrate");
    }

    [Fact]
    public async Task SchemaOfANewerProgram_IsRefusedByEverything()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        IHistoryRepository history = database.GetService<IHistoryRepository>();
        await database.Database.ExecuteSqlRawAsync(history.GetInsertScript(new("29990101000000_FromTheFuture", "99.0.0")));

        (await Should.ThrowAsync<DatabaseSchemaException>(() => database.RequireCurrentAsync(CancellationToken.None))).Message.ShouldContain("FromTheFuture");
        (await Should.ThrowAsync<DatabaseSchemaException>(() => database.MigrateAsync(CancellationToken.None))).Message.ShouldContain("update this program");
    }

    [Fact]
    public async Task SchemaOfAnOlderProgram_IsRefused()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        string last = database.Database.GetMigrations().Last();
        await database.Database.ExecuteSqlRawAsync(database.GetService<IHistoryRepository>().GetDeleteScript(last));
        if (database.Database.GetMigrations().Count() == 1) return;

        (await Should.ThrowAsync<DatabaseSchemaException>(() => database.RequireCurrentAsync(CancellationToken.None))).Message.ShouldContain($"older than this program by 1 migration ({last}");
    }

    [Fact]
    public async Task Times_ComeBackAsUtc()
    {
        WorkItem item = await Database.SeedAsync();
        DateTime local = new(2026, 7, 1, 12, 0, 0, DateTimeKind.Local);
        await using (FactoryDbContext database = Database.Open())
        {
            await database.WorkItems.Where(row => row.Id == item.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LeaseUntil, local));
        }

        await using FactoryDbContext after = Database.Open();
        DateTime read = (await after.WorkItems.AsNoTracking().SingleAsync()).LeaseUntil!.Value;

        (read, read.Kind).ShouldBe((local.ToUniversalTime(), DateTimeKind.Utc));
    }
}
