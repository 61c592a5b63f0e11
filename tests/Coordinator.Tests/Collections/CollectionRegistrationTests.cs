using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Coordinator.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Collections;

public sealed class CollectionRegistrationTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SameImages_MakeNoNewVersion()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        CollectionRegistered first = await host.RegisterAsync(version);

        CollectionRegistered second = await host.RegisterAsync(version with { Images = [.. version.Images.Reverse()] });

        (first.Created, first.Collection.Version, first.Collection.Images, first.Collection.Subjects).ShouldBe((true, 1, 16, 16));
        (second.Created, second.Collection.Version, second.Collection.Digest).ShouldBe((false, 1, first.Collection.Digest));
        (await host.ReadAsync(database => database.CollectionImages.CountAsync())).ShouldBe(16);
    }

    [Fact]
    public async Task ChangedImages_MakeVersionTwoAndSayWhatChanged()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        await host.RegisterAsync(version);
        List<CollectionImageEntry> images = [.. version.Images.Skip(1), await TestCollection.ImageAsync(host, 40), await TestCollection.ImageAsync(host, 41)];
        images[3] = images[3] with { Label = 1 - images[3].Label };

        CollectionRegistered second = await host.RegisterAsync(version with { Images = images });

        (second.Created, second.Collection.Version).ShouldBe((true, 2));
        (second.Added, second.Removed, second.Changed).ShouldBe((2, 1, 1));
        string.Join('\n', second.Examples).ShouldContain(images[3].Path);
        (await host.ReadAsync(database => database.CollectionImages.CountAsync())).ShouldBe(16 + 17, "the first version is as it was");
    }

    [Fact]
    public async Task SubjectOnTwoSidesOfTheSplit_IsRefused() => await RefusedAsync(
        images => images[0] = images[0] with { Subject = images[3].Subject }, "two sides of the split");

    [Fact]
    public async Task PictureOnTwoSidesOfTheSplit_IsRefused() => await RefusedAsync(
        images => images[0] = images[0] with { Image = images[3].Image }, "two sides of the split");

    [Fact]
    public async Task BlobThatWasNotUploaded_IsRefused() => await RefusedAsync(
        images => images[5] = images[5] with { Image = images[5].Image with { Digest = Sha256Digest.Of([7]) } }, "was not uploaded");

    [Fact]
    public async Task BlobOfAnotherLength_IsRefused() => await RefusedAsync(
        images => images[5] = images[5] with { Image = images[5].Image with { Bytes = 5 } }, "was not uploaded");

    [Fact]
    public async Task LabelOutsideTheCategories_IsRefused() => await RefusedAsync(images => images[5] = images[5] with { Label = 2 }, "label 2");

    [Fact]
    public async Task PathThatStandsTwice_IsRefused() => await RefusedAsync(images => images[5] = images[5] with { Path = images[4].Path }, "stands twice");

    [Theory]
    [InlineData("Eyes")]
    [InlineData("-eyes")]
    [InlineData("eyes@2")]
    [InlineData("")]
    public async Task NameThatIsNone_IsRefused(string name)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);

        (await Should.ThrowAsync<RefusedException>(() => host.RegisterAsync(version, name))).Status.ShouldBe(400);
    }

    private async Task RefusedAsync(Action<List<CollectionImageEntry>> spoil, string reason)
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        NewCollectionVersion version = await TestCollection.MakeAsync(host);
        List<CollectionImageEntry> images = [.. version.Images];
        spoil(images);

        RefusedException refused = await Should.ThrowAsync<RefusedException>(() => host.RegisterAsync(version with { Images = images }));

        refused.Message.ShouldContain(reason);
        (await host.ReadAsync(database => database.CollectionVersions.CountAsync())).ShouldBe(0);
    }
}
