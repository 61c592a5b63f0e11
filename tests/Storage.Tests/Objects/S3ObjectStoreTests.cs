using Factory.Contracts;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Storage.Tests.Objects;

public sealed class S3ObjectStoreTests : ObjectStoreContract, IAsyncLifetime
{
    private S3Fixture _fixture = null!;
    private S3ObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _fixture = await S3Fixture.CreateAsync();
        _store = _fixture.Store();
    }

    public ValueTask DisposeAsync()
    {
        _fixture?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Object_LiesUnderPrefixAndDigest()
    {
        ObjectRef reference = await _store.PutAsync(Bytes(10), MediaTypes.Png, None);
        (await _fixture.KeysAsync()).ShouldBe([S3Fixture.KeyOf(reference.Digest)]);
    }

    [Fact]
    public async Task SecondPut_DoesNotUploadAgain()
    {
        ObjectRef reference = await _store.PutAsync(Bytes(100), MediaTypes.Png, None);
        byte[] mark = Bytes(100);
        mark[3] ^= 1;
        await DamageAsync(reference.Digest, mark);
        await _store.PutAsync(Bytes(100), MediaTypes.Png, None);
        await using Stream stream = await _store.OpenReadAsync(reference.Digest, None);
        byte[] stored = new byte[100];
        await stream.ReadExactlyAsync(stored);
        stored.ShouldBe(mark);
    }

    [Fact]
    public async Task List_GoesOverPages_AndLeavesForeignKeysOut()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1005), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, _) => await _store.PutAsync(BitConverter.GetBytes(number), MediaTypes.Png, None));
        await _fixture.WriteAsync($"{S3Fixture.Prefix}/objects/README", Bytes(5));
        await _fixture.WriteAsync($"{S3Fixture.Prefix}/objects/{Absent.Hex}", Bytes(5));
        await _fixture.WriteAsync("site/another/objects/x", Bytes(5));
        List<StoredObject> listed = [];
        await foreach (StoredObject item in _store.ListAsync(None)) listed.Add(item);
        listed.Select(item => item.Digest).Distinct().Count().ShouldBe(1005);
        listed.ShouldAllBe(item => item.Bytes == 4 && item.WrittenAt > DateTimeOffset.UnixEpoch.AddYears(40));
    }

    [Fact]
    public async Task StagedObject_LeavesNoFile_WhateverBecomesOfIt()
    {
        await using (StagedObject aborted = await _store.StageAsync(None))
        {
            await aborted.Stream.WriteAsync(Bytes(500_000));
            await aborted.DigestAsync(None);
            if (!OperatingSystem.IsWindows()) Directory.GetFiles(_fixture.Scratch).ShouldBeEmpty();
        }
        await using (StagedObject kept = await _store.StageAsync(None)) await kept.CommitAsync(MediaTypes.Tar, None);
        Directory.GetFiles(_fixture.Scratch).ShouldBeEmpty();
        (await _fixture.KeysAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task FullScratchDisk_SaysSo_AndUploadsNothing()
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk("1m");
        S3ObjectStore store = _fixture.Store(options => options.ScratchFolder = disk.Path);
        await using StagedObject staged = await store.StageAsync(None);
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => staged.Stream.WriteAsync(Bytes(3_000_000)).AsTask())).Message.ShouldContain(disk.Path);
        (await _fixture.KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task CutDownload_IsTakenUpWhereItWas()
    {
        byte[] content = Bytes(5_000_000);
        ObjectRef reference = await _store.PutAsync(content, MediaTypes.Tar, None);
        using CuttingProxy proxy = new(_fixture.Access.Endpoint);
        S3ObjectStore store = _fixture.Store(options => options.Endpoint = proxy.Address.ToString());
        // More than counts as progress comes through each connection: the blob comes in five pieces.
        proxy.CutAfter(1_200_000);
        (await store.ReadAsync(reference, None)).ShouldBe(content);
        proxy.Connections.ShouldBe(5);
    }

    [Fact]
    public async Task DownloadThatIsAlwaysCut_Fails_AndIsNotTakenAsWhole()
    {
        ObjectRef reference = await _store.PutAsync(Bytes(2_000_000), MediaTypes.Tar, None);
        using CuttingProxy proxy = new(_fixture.Access.Endpoint);
        S3ObjectStore store = _fixture.Store(options => options.Endpoint = proxy.Address.ToString());
        proxy.CutAfter(100_000);
        await using Stream stream = await store.OpenReadAsync(reference.Digest, None);
        ObjectStoreUnavailableException error = await Should.ThrowAsync<ObjectStoreUnavailableException>(() => stream.CopyToAsync(Stream.Null));
        error.Message.ShouldContain("of 2000000 bytes");
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.ReadAsync(reference, None))).Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task CutUpload_StoresNothing_AndSucceedsOnceMended()
    {
        byte[] content = Bytes(6 << 20);
        using CuttingProxy proxy = new(_fixture.Access.Endpoint);
        S3ObjectStore store = _fixture.Store(options => options.Endpoint = proxy.Address.ToString());
        proxy.CutAfter(0);
        await using StagedObject staged = await store.StageAsync(None);
        await staged.Stream.WriteAsync(content);
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => staged.CommitAsync(MediaTypes.Tar, None))).Message.ShouldContain("cannot be reached");
        (await _fixture.KeysAsync()).ShouldBeEmpty();
        proxy.Mend();
        (await store.ReadAsync(await staged.CommitAsync(MediaTypes.Tar, None), None)).ShouldBe(content);
    }

    [Fact]
    public async Task ServerThatIsNotThere_IsTriedAgain_AndNamed()
    {
        S3ObjectStore store = _fixture.Store(options => options.Endpoint = "http://127.0.0.1:1");
        ObjectStoreUnavailableException error = await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.PutAsync(Bytes(10), MediaTypes.Png, None));
        error.Message.ShouldContain("http://127.0.0.1:1");
        error.Message.ShouldContain("Objects:S3:Endpoint");
    }

    [Fact]
    public async Task WrongKeys_AreNamed_WithoutSecrets()
    {
        S3ObjectStore unknown = _fixture.Store(options => options.AccessKey = "nobody");
        (await Refused(unknown)).Message.ShouldContain("Objects:S3:AccessKey");
        S3ObjectStore mistaken = _fixture.Store(options => options.SecretKey = "not-the-secret");
        ObjectStoreRefusedException error = await Refused(mistaken);
        error.Message.ShouldContain("Objects:S3:SecretKey");
        error.ToString().ShouldNotContain("not-the-secret");
        error.ToString().ShouldNotContain("Signature=");
        await Should.ThrowAsync<ObjectStoreRefusedException>(() => mistaken.OpenReadAsync(Absent, None));
        await Should.ThrowAsync<ObjectStoreRefusedException>(() => mistaken.DeleteAsync(Absent, None));
        await Should.ThrowAsync<ObjectStoreRefusedException>(async () => await mistaken.ListAsync(None).AnyAsync());
    }

    [Fact]
    public async Task MissingBucket_IsNamed()
    {
        S3ObjectStore store = _fixture.Store(options => options.Bucket = "no-such-bucket-here");
        (await Refused(store)).Message.ShouldContain("no bucket no-such-bucket-here");
        await Should.ThrowAsync<ObjectStoreRefusedException>(() => store.OpenReadAsync(Absent, None));
        await Should.ThrowAsync<ObjectStoreRefusedException>(async () => await store.ListAsync(None).AnyAsync());
    }

    [Fact]
    public async Task ClockThatIsOff_IsNamed()
    {
        FakeTimeProvider late = new(TimeProvider.System.GetUtcNow().AddHours(-3));
        ObjectStoreRefusedException error = await Refused(_fixture.Store(time: late));
        error.Message.ShouldContain("180 minutes behind");
        error.Message.ShouldContain("NTP");
    }

    protected override Task DamageAsync(Sha256Digest digest, byte[] bytes) => _fixture.WriteAsync(S3Fixture.KeyOf(digest), bytes);

    private static async Task<ObjectStoreRefusedException> Refused(S3ObjectStore store)
    {
        ObjectStoreRefusedException error = await Should.ThrowAsync<ObjectStoreRefusedException>(() => store.PutAsync(Bytes(10), MediaTypes.Png, None));
        error.Message.ShouldNotContain("\n");
        return error;
    }
}
