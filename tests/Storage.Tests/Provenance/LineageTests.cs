using Factory.Contracts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Storage.Tests.Provenance;

public sealed class LineageTests() : LineageContract(DatabaseProvider.Sqlite);

public sealed class LineageTestsOnPostgres() : LineageContract(DatabaseProvider.PostgreSql);

public abstract class LineageContract(DatabaseProvider provider) : DatabaseContract(provider)
{
    [Fact]
    public async Task SamplesOfASubject_AreThoseWithOneOfItsImagesAsSourceOrPartner_EachOnce()
    {
        (Lineage lineage, int collection, List<CollectionImage> images) = await SeedAsync();

        List<long> own = await lineage.ImagesOfAsync(collection, null, "s1", CancellationToken.None);
        own.Order().ShouldBe(images.Where(image => image.Subject == "s1").Select(image => image.Id).Order());
        long[] expected = [.. Enumerable.Range(0, 200).Where(index => Sources(index, images).Any(own.Contains)).Select(index => (long)index)];
        List<long> found = [];
        SamplePlace after = SamplePlace.Start;
        for (var page = await lineage.PageAsync(own, after, 7, CancellationToken.None); page.Count > 0; page = await lineage.PageAsync(own, after, 7, CancellationToken.None))
        {
            found.AddRange(page.ConvertAll(entry => entry.Sample.Index));
            page.ShouldAllBe(entry => entry.Item.RunStep.Name == "corpus");
            after = new(page[^1].Sample.WorkItemId, page[^1].Sample.Index);
        }

        found.ShouldBe(expected);
        (await lineage.CountAsync(own, CancellationToken.None)).ShouldBe(expected.Length);
    }

    [Fact]
    public async Task VersionOrSubjectThatIsNotThere_HasNoImages()
    {
        (Lineage lineage, int collection, _) = await SeedAsync();

        (await lineage.ImagesOfAsync(collection, 1, "s1", CancellationToken.None)).Count.ShouldBe(2);
        (await lineage.ImagesOfAsync(collection, 2, "s1", CancellationToken.None)).ShouldBeEmpty();
        (await lineage.ImagesOfAsync(collection, null, "S1", CancellationToken.None)).ShouldBeEmpty();
        (await lineage.CountAsync([], CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task SampleIsTracedToItsImagesRunAndCollection()
    {
        (Lineage lineage, _, List<CollectionImage> images) = await SeedAsync();

        SampleOrigin origin = (await lineage.BehindAsync("key-5", CancellationToken.None)).ShouldNotBeNull();

        (origin.Sample.Index, origin.Item.RunStep.Name, origin.Run.Name, origin.Run.CollectionVersion.Collection.Name).ShouldBe((5, "corpus", "small", "eyes"));
        origin.Source!.Id.ShouldBe(images[5].Id);
        origin.Partner.ShouldNotBeNull().Id.ShouldBe(images[0].Id);
        (await lineage.BehindAsync("key-1", CancellationToken.None)).ShouldNotBeNull().Partner.ShouldBeNull();
        (await lineage.BehindAsync("key-777", CancellationToken.None)).ShouldBeNull();
    }

    // Every fifth sample has a partner, which is of the same subject now and then.
    private static long[] Sources(int index, List<CollectionImage> images) => index % 5 == 0
        ? [images[index % images.Count].Id, images[index / 5 % images.Count == 1 ? 0 : (index / 5 + 7) % images.Count].Id]
        : [images[index % images.Count].Id];

    private async Task<(Lineage Lineage, int Collection, List<CollectionImage> Images)> SeedAsync()
    {
        WorkItem item = await Database.SeedAsync();
        FactoryDbContext database = Database.Open();
        List<CollectionImage> images = await database.CollectionImages.AsNoTracking().OrderBy(image => image.Ordinal).ToListAsync();
        for (int index = 0; index < 200; index++)
        {
            long[] sources = Sources(index, images);
            database.Add(new Sample
            {
                WorkItemId = item.Id,
                Index = index,
                Key = $"key-{index}",
                SourceImageId = sources[0],
                PartnerImageId = sources.Length > 1 ? sources[1] : null,
                Manipulation = "trs",
                Parameters = new Dictionary<string, double>(),
                Scores = new Dictionary<string, double>(),
                Image = Sha256Digest.Of(BitConverter.GetBytes(index)),
            });
        }
        await database.SaveChangesAsync();
        database.ChangeTracker.Clear();
        return (new(database), (await database.Collections.SingleAsync()).Id, images);
    }
}
