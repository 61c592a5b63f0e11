using Factory.Contracts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Tests.Provenance;

public sealed class SampleWriterTests() : SampleWriterContract(DatabaseProvider.Sqlite);

public sealed class SampleWriterTestsOnPostgres() : SampleWriterContract(DatabaseProvider.PostgreSql)
{
    [Fact]
    public async Task Copy_WritesWhatInsertsWrite()
    {
        WorkItem item = await Database.SeedAsync();
        await using FactoryDbContext database = Database.Open();
        await WriteAsync(Database.Writer, Samples(item.Id, 50));
        List<Sample> copied = await ReadAsync();
        await database.Samples.ExecuteDeleteAsync();

        await WriteAsync(new BatchSampleWriter(), Samples(item.Id, 50));

        Database.Writer.ShouldNotBeOfType<BatchSampleWriter>();
        (await ReadAsync()).ShouldBeEquivalentTo(copied);
    }
}

public abstract class SampleWriterContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    [Fact]
    public async Task Samples_ComeBackAsTheyWereWritten()
    {
        WorkItem item = await Database.SeedAsync();

        (await WriteAsync(Database.Writer, Samples(item.Id, 4500))).ShouldBe(4500);

        (await ReadAsync()).ShouldBeEquivalentTo(Samples(item.Id, 4500).ToList());
    }

    [Fact]
    public async Task WritingIsPartOfTheTransaction()
    {
        WorkItem item = await Database.SeedAsync();
        await using FactoryDbContext database = Database.Open();
        await using (await database.Database.BeginTransactionAsync())
        {
            await Database.Writer.WriteAsync(database, Samples(item.Id, 10).ToAsyncEnumerable(), CancellationToken.None);
            (await database.Samples.CountAsync()).ShouldBe(10);
        }

        (await ReadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task SampleThatStandsTwice_IsRefusedAsADuplicate()
    {
        WorkItem item = await Database.SeedAsync();
        await WriteAsync(Database.Writer, Samples(item.Id, 1));

        DbUpdateException refusal = await Should.ThrowAsync<DbUpdateException>(() => WriteAsync(Database.Writer, Samples(item.Id, 3)));

        DatabaseFaults.IsDuplicate(refusal).ShouldBeTrue();
        DatabaseFaults.IsPassing(refusal).ShouldBeFalse();
        (await ReadAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task SourceThatThrows_LeavesNothing()
    {
        WorkItem item = await Database.SeedAsync();

        await Should.ThrowAsync<InvalidDataException>(() => WriteAsync(Database.Writer, Samples(item.Id, 5).Concat(Broken())));

        (await ReadAsync()).ShouldBeEmpty();
    }

    private protected static IEnumerable<Sample> Samples(long itemId, int count) => Enumerable.Range(0, count).Select(index => new Sample
    {
        WorkItemId = itemId,
        Index = index,
        Key = $"key-{index:d8}",
        Label = index % 4,
        SourceImageId = index % 5 == 4 ? null : 1 + (index % 3),
        PartnerImageId = index % 3 == 0 ? 2 : null,
        Manipulation = index % 3 == 0 ? "trs" : "flr",
        Parameters = new Dictionary<string, double> { ["angle"] = index / 7.0, ["ß\t\"\\"] = double.MinValue },
        Seed = ulong.MaxValue - (ulong)index,
        Draw = index % 2,
        Image = Sha256Digest.Of(BitConverter.GetBytes(index)),
        Scores = new Dictionary<string, double> { ["target"] = 0.1 + index },
    });

    private protected async Task<long> WriteAsync(ISampleWriter writer, IEnumerable<Sample> samples)
    {
        await using FactoryDbContext database = Database.Open();
        await using var transaction = await database.Database.BeginTransactionAsync();
        long written = await writer.WriteAsync(database, samples.ToAsyncEnumerable(), CancellationToken.None);
        await transaction.CommitAsync();
        return written;
    }

    private protected async Task<List<Sample>> ReadAsync()
    {
        await using FactoryDbContext database = Database.Open();
        return await database.Samples.AsNoTracking().OrderBy(sample => sample.Index).ToListAsync();
    }

    private static IEnumerable<Sample> Broken()
    {
        yield return new() { Key = "", Manipulation = "", Parameters = new Dictionary<string, double>(), Scores = new Dictionary<string, double>(), Index = 77, WorkItemId = 1 };
        throw new InvalidDataException("the list ends in the middle of a line");
    }
}
