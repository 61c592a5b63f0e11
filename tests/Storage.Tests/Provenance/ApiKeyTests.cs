using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Tests.Provenance;

public sealed class ApiKeyTests() : ApiKeyContract(DatabaseProvider.Sqlite);

public sealed class ApiKeyTestsOnPostgres() : ApiKeyContract(DatabaseProvider.PostgreSql);

public abstract class ApiKeyContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    [Fact]
    public async Task Key_ComesBackAsItWasWritten()
    {
        await Database.MigrateAsync();
        DateTime time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

        await AddAsync(Key("000000000001", "ci", expires: time));

        await using FactoryDbContext database = Database.Open();
        ApiKey read = await database.ApiKeys.SingleAsync(key => key.PublicId == "000000000001" && key.RevokedAt == null);
        (read.Name, read.Role, read.KeyHash, read.CreatedBy).ShouldBe(("ci", ApiRole.Steward, Sha256Digest.Of("000000000001"u8), "configured"));
        (read.ExpiresAt, read.ExpiresAt!.Value.Kind, read.LastUsedAt).ShouldBe((time, DateTimeKind.Utc, null));
    }

    [Fact]
    public async Task Name_BelongsToOneKeyThatIsNotRevoked()
    {
        await Database.MigrateAsync();
        await AddAsync(Key("000000000001", "ci", revoked: DateTime.UnixEpoch), Key("000000000002", "ci", revoked: DateTime.UnixEpoch), Key("000000000003", "ci"));

        Exception taken = await Should.ThrowAsync<DbUpdateException>(() => AddAsync(Key("000000000004", "ci")));

        DatabaseFaults.IsDuplicate(taken).ShouldBeTrue();
    }

    [Fact]
    public async Task PublicId_IsUnique()
    {
        await Database.MigrateAsync();
        await AddAsync(Key("000000000001", "one", revoked: DateTime.UnixEpoch));

        Exception taken = await Should.ThrowAsync<DbUpdateException>(() => AddAsync(Key("000000000001", "two")));

        DatabaseFaults.IsDuplicate(taken).ShouldBeTrue();
    }

    private static ApiKey Key(string id, string name, DateTime? expires = null, DateTime? revoked = null) => new()
    {
        PublicId = id,
        KeyHash = Sha256Digest.Of(System.Text.Encoding.ASCII.GetBytes(id)),
        Name = name,
        Role = ApiRole.Steward,
        CreatedBy = "configured",
        ExpiresAt = expires,
        RevokedAt = revoked,
    };

    private async Task AddAsync(params ApiKey[] keys)
    {
        await using FactoryDbContext database = Database.Open();
        database.ApiKeys.AddRange(keys);
        await database.SaveChangesAsync();
    }
}
