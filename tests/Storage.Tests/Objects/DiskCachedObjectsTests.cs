using Factory.Contracts;
using Factory.Storage.Objects;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Factory.Storage.Tests.Objects;

public sealed class DiskCachedObjectsTests : ObjectStoreContract, IDisposable
{
    private const int MiB = 1 << 20;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly WatchedObjects _inner;
    private readonly DiskCachedObjects _store;

    public DiskCachedObjectsTests()
    {
        _inner = new(new FileSystemObjectStore(_folder.Of("store")));
        _store = Cached();
    }

    protected override IObjectStore Store => _store;

    private string CacheFolder => _folder.Of("cache");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BlobReadTwice_IsFetchedOnce_AndAfterARestartToo()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        for (int time = 0; time < 2; time++) (await _store.ReadAsync(blob, None)).ShouldBe(Bytes(1000));
        (await Cached().ReadAsync(blob, None)).ShouldBe(Bytes(1000));
        _inner.Opened.ShouldBe([blob.Digest]);
    }

    [Fact]
    public async Task ReadersAtTheSameTime_FetchOnce()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(MiB), MediaTypes.Png, None);
        TaskCompletionSource gate = new();
        _inner.BeforeOpen = () => gate.Task;
        Task<byte[]>[] readers = [.. Enumerable.Range(0, 8).Select(_ => _store.ReadAsync(blob, None))];
        // One who gives up does not take the blob from the others.
        using CancellationTokenSource source = new();
        Task<byte[]> leaving = _store.ReadAsync(blob, source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaving);
        gate.SetResult();
        foreach (byte[] content in await Task.WhenAll(readers)) content.AsSpan().SequenceEqual(Bytes(MiB)).ShouldBeTrue();
        _inner.Opened.Count.ShouldBe(1);
    }

    [Fact]
    public async Task FetchThatFails_IsTriedAgainByTheNext()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        _inner.BeforeOpen = () => throw new ObjectStoreUnavailableException("out of reach.", new IOException());
        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => _store.ReadAsync(blob, None));
        _inner.BeforeOpen = () => Task.CompletedTask;
        (await _store.ReadAsync(blob, None)).ShouldBe(Bytes(1000));
        Directory.GetFiles(CacheFolder).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Cache_StaysWithinItsBytes_AndDropsWhatWasUsedLongestAgo()
    {
        DiskCachedObjects store = Cached(10 * MiB);
        List<ObjectRef> blobs = [];
        for (int number = 0; number < 12; number++) blobs.Add(await store.PutAsync(Numbered(number, MiB), MediaTypes.Png, None));
        foreach (ObjectRef blob in blobs)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await store.ReadAsync(blob, None);
            // The first is used all the time.
            _time.Advance(TimeSpan.FromSeconds(1));
            await store.ReadAsync(blobs[0], None);
            Held().ShouldBeLessThanOrEqualTo(10 * MiB);
        }
        string.Join(",", _inner.Opened.Select(digest => blobs.FindIndex(blob => blob.Digest == digest))).ShouldBe("0,1,2,3,4,5,6,7,8,9,10,11");
        Kept(blobs[0]).ShouldBeTrue();
        Kept(blobs[1]).ShouldBeFalse();
        Kept(blobs[11]).ShouldBeTrue();
    }

    [Fact]
    public async Task EvictedBlob_IsReadToItsEndByWhoOpenedIt()
    {
        DiskCachedObjects store = Cached(2 * MiB);
        ObjectRef blob = await store.PutAsync(Numbered(0, MiB), MediaTypes.Png, None);
        await using Stream stream = await store.OpenReadAsync(blob.Digest, None);
        await store.ReadAsync(await store.PutAsync(Numbered(1, 2 * MiB), MediaTypes.Png, None), None);
        Kept(blob).ShouldBeFalse();
        byte[] content = new byte[MiB];
        await stream.ReadExactlyAsync(content);
        Sha256Digest.Of(content).ShouldBe(blob.Digest);
    }

    [Fact]
    public async Task BlobLargerThanTheCache_IsReadThrough()
    {
        DiskCachedObjects store = Cached(MiB);
        ObjectRef blob = await store.PutAsync(Bytes(MiB + 1), MediaTypes.Png, None);
        (await store.ReadAsync(blob, None)).Length.ShouldBe(MiB + 1);
        (await store.FetchAsync(blob.Digest, None)).ShouldBeNull();
        Held().ShouldBe(0);
    }

    [Fact]
    public async Task DamagedBlob_IsNotKept()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        await DamageAsync(blob.Digest, Bytes(999));
        await Should.ThrowAsync<ObjectCorruptException>(() => _store.OpenReadAsync(blob.Digest, None));
        Directory.GetFiles(CacheFolder).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatAKilledProcessLeft_IsRemoved_AndWhatALivingOneWrites_IsLeft()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        string dead = Path.Combine(CacheFolder, $"{blob.Digest.Hex}.1-1.part"), alive = Path.Combine(CacheFolder, $"{blob.Digest.Hex}.1-2.part");
        File.WriteAllBytes(dead, Bytes(500));
        using FileStream writer = new(alive, FileMode.Create, FileAccess.Write, FileShare.None);
        DiskCachedObjects again = Cached();
        (File.Exists(dead), File.Exists(alive)).ShouldBe((false, true));
        (await again.ReadAsync(blob, None)).ShouldBe(Bytes(1000));
    }

    [Fact]
    public async Task FullDisk_IsReadThrough_AndLeavesNothing()
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk("1m");
        DiskCachedObjects store = new(_inner, Options.Create(new DiskCacheOptions { Folder = disk.Path }), _time);
        ObjectRef blob = await store.PutAsync(Bytes(3 * MiB), MediaTypes.Png, None);
        (await store.ReadAsync(blob, None)).Length.ShouldBe(3 * MiB);
        Directory.GetFiles(disk.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task FolderThatCannotBeMade_IsDoneWithout()
    {
        File.WriteAllText(_folder.Of("file"), "");
        DiskCachedObjects store = new(_inner, Options.Create(new DiskCacheOptions { Folder = _folder.Of("file", "cache") }), _time);
        ObjectRef blob = await store.PutAsync(Bytes(10), MediaTypes.Png, None);
        (await store.ReadAsync(blob, None)).ShouldBe(Bytes(10));
    }

    [Fact]
    public async Task DeletedBlob_IsForgotten()
    {
        ObjectRef blob = await _store.PutAsync(Bytes(10), MediaTypes.Png, None);
        await _store.ReadAsync(blob, None);
        await _store.DeleteAsync(blob.Digest, None);
        await Should.ThrowAsync<ObjectMissingException>(() => _store.OpenReadAsync(blob.Digest, None));
    }

    protected override Task DamageAsync(Sha256Digest digest, byte[] bytes)
    {
        string path = Directory.EnumerateFiles(_folder.Of("store"), digest.Hex, SearchOption.AllDirectories).Single();
        File.Delete(path);
        return File.WriteAllBytesAsync(path, bytes);
    }

    private static byte[] Numbered(int number, int length)
    {
        byte[] content = new byte[length];
        content[0] = (byte)number;
        return content;
    }

    private DiskCachedObjects Cached(long maxBytes = 100 * MiB) => new(_inner, Options.Create(new DiskCacheOptions { Folder = CacheFolder, MaxBytes = maxBytes }), _time);

    private bool Kept(ObjectRef blob) => File.Exists(Path.Combine(CacheFolder, blob.Digest.Hex));

    private long Held() => new DirectoryInfo(CacheFolder).EnumerateFiles().Sum(file => file.Length);
}
