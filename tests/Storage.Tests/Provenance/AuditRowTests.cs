using Factory.Contracts.Api;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Tests.Provenance;

public sealed class AuditRowTests() : AuditRowContract(DatabaseProvider.Sqlite);

public sealed class AuditRowTestsOnPostgres() : AuditRowContract(DatabaseProvider.PostgreSql);

public abstract class AuditRowContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    [Fact]
    public async Task Entry_IsWrittenWithTheNextSave_Once()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        database.Audit = Row();

        database.Collections.Add(new() { Name = "one" });
        await database.SaveChangesAsync();
        database.Collections.Add(new() { Name = "two" });
        await database.SaveChangesAsync();

        (await CountAsync()).ShouldBe((2, 1));
    }

    [Fact]
    public async Task ChangeThatIsRolledBack_TakesItsEntryAlong_AndAnotherTryWritesIt()
    {
        await Database.MigrateAsync();
        await using FactoryDbContext database = Database.Open();
        database.Audit = Row();
        await using (await database.Database.BeginTransactionAsync())
        {
            database.Collections.Add(new() { Name = "one" });
            await database.SaveChangesAsync();
        }
        (await CountAsync()).ShouldBe((0, 0));

        database.ChangeTracker.Clear();
        database.Collections.Add(new() { Name = "one" });
        await database.SaveChangesAsync();

        (await CountAsync()).ShouldBe((1, 1));
    }

    private static AuditRow Row() => new() { Actor = "loopback", ActorName = "loopback", Address = "127.0.0.1", Action = "collection.register", Target = "/api/collections", Outcome = AuditOutcome.Done };

    private async Task<(int Collections, int Entries)> CountAsync()
    {
        await using FactoryDbContext database = Database.Open();
        return (await database.Collections.CountAsync(), await database.AuditRows.CountAsync());
    }
}
