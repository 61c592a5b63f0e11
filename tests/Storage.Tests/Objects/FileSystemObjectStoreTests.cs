using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Storage.Tests.Objects;

public sealed class FileSystemObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemObjectStore _store;

    public FileSystemObjectStoreTests() => _store = new(_folder.Path);

    protected override IObjectStore Store => _store;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Object_IsReadOnlyFileUnderItsDigest()
    {
        string hex = (await _store.PutAsync(Bytes(10), MediaTypes.Png, None)).Digest.Hex;
        string path = _folder.Of("objects", hex[..2], hex[2..4], hex);
        File.ReadAllBytes(path).ShouldBe(Bytes(10));
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Staged(_folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task SecondPut_DoesNotRewriteObject()
    {
        ObjectRef reference = await _store.PutAsync(Bytes(10), MediaTypes.Png, None);
        string path = PathOf(reference.Digest);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        await _store.PutAsync(Bytes(10), MediaTypes.Png, None);
        File.GetLastWriteTimeUtc(path).ShouldBe(DateTime.UnixEpoch);
        Staged(_folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Opening_RemovesWhatADeadProcessStaged_AndKeepsObjects()
    {
        ObjectRef reference = await _store.PutAsync(Bytes(10), MediaTypes.Png, None);
        File.WriteAllBytes(_folder.Of("staging", "1-1"), Bytes(5));
        FileSystemObjectStore again = new(_folder.Path);
        Staged(_folder).ShouldBeEmpty();
        (await again.ReadAsync(reference, None)).ShouldBe(Bytes(10));
    }

    [Fact]
    public async Task Opening_LeavesWhatAnotherProcessIsStaging()
    {
        await using StagedObject first = await _store.StageAsync(None);
        await first.Stream.WriteAsync(Bytes(10), None);

        FileSystemObjectStore other = new(_folder.Path);
        await using StagedObject second = await other.StageAsync(None);
        await second.Stream.WriteAsync(Bytes(20), None);

        (await _store.ReadAsync(await second.CommitAsync(MediaTypes.Png, None), None)).ShouldBe(Bytes(20));
        (await other.ReadAsync(await first.CommitAsync(MediaTypes.Png, None), None)).ShouldBe(Bytes(10));
    }

    [Fact]
    public async Task ForeignFilesBesideObjects_AreNotListed()
    {
        File.WriteAllText(_folder.Of("objects", "README"), "not an object");
        (await _store.ListAsync(None).AnyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task FullDisk_SaysSo_AndLeavesNothing()
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk("1m");
        FileSystemObjectStore store = new(disk.Path);
        ObjectRef small = await store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        ObjectStoreUnavailableException error = await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.PutAsync(Bytes(3_000_000), MediaTypes.Png, None));
        error.Message.ShouldContain(disk.Path);
        error.Message.ShouldContain("No space left");
        Staged(disk).ShouldBeEmpty();
        (await store.ListAsync(None).SingleAsync()).Digest.ShouldBe(small.Digest);
        await store.PutAsync(Bytes(200_000), MediaTypes.Png, None);
    }

    [Fact]
    public async Task FullDisk_MetByTheLastBuffer_IsToldAtTheCommit()
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk("1m");
        FileSystemObjectStore store = new(disk.Path);
        await Should.ThrowAsync<ObjectStoreUnavailableException>(async () =>
        {
            await using StagedObject staged = await store.StageAsync(None);
            // In pieces below the buffer's size, so that what does not fit is still in it when the writing ends.
            for (int at = 0; at < 1_060_000; at += 1000) await staged.Stream.WriteAsync(Bytes(1000));
            await staged.CommitAsync(MediaTypes.Tar, None);
        });
        Staged(disk).ShouldBeEmpty();
        (await store.ListAsync(None).AnyAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task ReadOnlyDisk_SaysSo_AndStillReads()
    {
        using TemporaryFolder disk = TemporaryFolder.OnTinyDisk("1m");
        FileSystemObjectStore store = new(disk.Path);
        ObjectRef reference = await store.PutAsync(Bytes(1000), MediaTypes.Png, None);
        disk.Remount("ro");
        (await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.PutAsync(Bytes(1001), MediaTypes.Png, None))).Message.ShouldContain(disk.Path);
        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => store.DeleteAsync(reference.Digest, None));
        (await store.ReadAsync(reference, None)).ShouldBe(Bytes(1000));
    }

    [Fact]
    public void RootThatIsAFile_IsRefused()
    {
        File.WriteAllText(_folder.Of("file"), "");
        Should.Throw<ObjectStoreUnavailableException>(() => new FileSystemObjectStore(_folder.Of("file"))).Message.ShouldNotContain("\n");
    }

    protected override Task DamageAsync(Sha256Digest digest, byte[] bytes)
    {
        string path = PathOf(digest);
        File.Delete(path);
        return File.WriteAllBytesAsync(path, bytes);
    }

    private static string[] Staged(TemporaryFolder folder) => Directory.GetFiles(folder.Of("staging"));

    private string PathOf(Sha256Digest digest) => Directory.EnumerateFiles(_folder.Of("objects"), digest.Hex, SearchOption.AllDirectories).Single();
}
