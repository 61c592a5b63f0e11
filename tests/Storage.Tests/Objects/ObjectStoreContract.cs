using Factory.Contracts;
using Factory.Storage.Objects;

namespace Factory.Storage.Tests.Objects;

/// <summary>What every object store does.</summary>
public abstract class ObjectStoreContract
{
    protected static readonly Sha256Digest Absent = Sha256Digest.Of("never stored"u8);

    protected static CancellationToken None => CancellationToken.None;

    protected abstract IObjectStore Store { get; }

    /// <summary>Replaces the stored bytes behind the store's back.</summary>
    protected abstract Task DamageAsync(Sha256Digest digest, byte[] bytes);

    [Fact]
    public async Task Put_GivesReferenceByWhichTheBytesAreRead()
    {
        byte[] content = Bytes(100_000);
        ObjectRef reference = await Store.PutAsync(content, MediaTypes.Png, None);
        reference.ShouldBe(new ObjectRef { Digest = Sha256Digest.Of(content), Bytes = content.Length, MediaType = MediaTypes.Png });
        (await Store.ReadAsync(reference, None)).ShouldBe(content);
        await using Stream stream = await Store.OpenReadAsync(reference.Digest, None);
        stream.Length.ShouldBe(content.Length);
        (await Sha256(stream)).ShouldBe(reference.Digest);
        (await stream.ReadAsync(new byte[10], None)).ShouldBe(0);
    }

    [Fact]
    public async Task BigObject_ComesBackWhole_StagedAndPut()
    {
        byte[] content = Bytes(20 << 20);
        ObjectRef reference;
        await using (StagedObject staged = await Store.StageAsync(None))
        {
            for (int at = 0; at < content.Length; at += 1 << 20) await staged.Stream.WriteAsync(content.AsMemory(at, 1 << 20));
            reference = await staged.CommitAsync(MediaTypes.Tar, None);
        }
        reference.ShouldBe(new ObjectRef { Digest = Sha256Digest.Of(content), Bytes = content.Length, MediaType = MediaTypes.Tar });
        await using (Stream stream = await Store.OpenReadAsync(reference.Digest, None)) (await Sha256(stream)).ShouldBe(reference.Digest);
        await Store.DeleteAsync(reference.Digest, None);
        await Store.PutAsync(content, MediaTypes.Tar, None);
        (await Store.LengthAsync(reference.Digest, None)).ShouldBe(content.Length);
    }

    [Fact]
    public async Task Object_IsReadByManyAtOnce_AndInPieces()
    {
        byte[] content = Bytes(300_000);
        ObjectRef reference = await Store.PutAsync(content, MediaTypes.Png, None);
        byte[][] read = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.ReadAsync(reference, None)));
        foreach (byte[] copy in read) copy.AsSpan().SequenceEqual(content).ShouldBeTrue();
        await using Stream stream = await Store.OpenReadAsync(reference.Digest, None);
        stream.ReadByte().ShouldBe(content[0]);
        byte[] piece = new byte[1000];
        await stream.ReadExactlyAsync(piece, None);
        piece.ShouldBe(content[1..1001]);
    }

    [Fact]
    public async Task Reading_CanBeLeft()
    {
        ObjectRef reference = await Store.PutAsync(Bytes(2_000_000), MediaTypes.Png, None);
        await using (Stream left = await Store.OpenReadAsync(reference.Digest, None)) left.ReadByte().ShouldBe(Bytes(1)[0]);
        await using Stream stream = await Store.OpenReadAsync(reference.Digest, None);
        (await Sha256(stream)).ShouldBe(reference.Digest);
        await Should.ThrowAsync<OperationCanceledException>(() => Store.OpenReadAsync(reference.Digest, None).Result.ReadExactlyAsync(new byte[10], new(canceled: true)).AsTask());
    }

    [Fact]
    public async Task Put_OfNothing_StoresEmptyObject()
    {
        ObjectRef reference = await Store.PutAsync(ReadOnlyMemory<byte>.Empty, MediaTypes.Json, None);
        (await Store.ReadAsync(reference, None)).ShouldBeEmpty();
        (await Store.LengthAsync(reference.Digest, None)).ShouldBe(0);
    }

    [Fact]
    public async Task SecondPut_OfSameBytes_LeavesOneObject()
    {
        ObjectRef first = await Store.PutAsync(Bytes(10), MediaTypes.Png, None);
        (await Store.PutAsync(Bytes(10), MediaTypes.Png, None)).ShouldBe(first);
        (await List()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ConcurrentPuts_OfSameBytes_AllSucceed()
    {
        byte[] content = Bytes(50_000);
        ObjectRef[] references = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Store.PutAsync(content, MediaTypes.Png, None))));
        references.Distinct().Count().ShouldBe(1);
        (await Store.ReadAsync(references[0], None)).ShouldBe(content);
        (await List()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task StagedObject_IsInvisibleUntilCommitted()
    {
        byte[] content = Bytes(1_000_003);
        Sha256Digest digest = Sha256Digest.Of(content);
        await using StagedObject staged = await Store.StageAsync(None);
        for (int at = 0; at < content.Length; at += 777) await staged.Stream.WriteAsync(content.AsMemory(at, Math.Min(777, content.Length - at)));
        (await Store.ExistsAsync(digest, None)).ShouldBeFalse();
        (await List()).ShouldBeEmpty();
        ObjectRef reference = await staged.CommitAsync(MediaTypes.Tar, None);
        reference.ShouldBe(new ObjectRef { Digest = digest, Bytes = content.Length, MediaType = MediaTypes.Tar });
        // Readable before the staged object is disposed: a message may be faster than a using block.
        (await Store.ReadAsync(reference, None)).ShouldBe(content);
    }

    [Fact]
    public async Task StagedObject_DisposedWithoutCommit_LeavesNothing()
    {
        await using (StagedObject staged = await Store.StageAsync(None)) staged.Stream.Write(Bytes(500_000));
        (await List()).ShouldBeEmpty();
    }

    [Fact]
    public async Task MissingObject_IsNamed()
    {
        (await Should.ThrowAsync<ObjectMissingException>(() => Store.OpenReadAsync(Absent, None))).Digest.ShouldBe(Absent);
        await Should.ThrowAsync<ObjectMissingException>(() => Store.ReadAsync(new ObjectRef { Digest = Absent, Bytes = 1, MediaType = MediaTypes.Png }, None));
        (await Store.ExistsAsync(Absent, None)).ShouldBeFalse();
        (await Store.LengthAsync(Absent, None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(99)]
    [InlineData(101)]
    public async Task DamagedObject_IsNotRead(int length)
    {
        ObjectRef reference = await Store.PutAsync(Bytes(100), MediaTypes.Png, None);
        byte[] damage = Bytes(length);
        damage[50] ^= 1;
        await DamageAsync(reference.Digest, damage);
        ObjectCorruptException error = await Should.ThrowAsync<ObjectCorruptException>(() => Store.ReadAsync(reference, None));
        error.Message.ShouldContain(reference.Digest.Hex);
        error.Digest.ShouldBe(reference.Digest);
    }

    [Fact]
    public async Task TruncatedObject_IsHealedByStoringItAgain()
    {
        ObjectRef reference = await Store.PutAsync(Bytes(100), MediaTypes.Png, None);
        await DamageAsync(reference.Digest, Bytes(40));
        await Store.PutAsync(Bytes(100), MediaTypes.Png, None);
        (await Store.ReadAsync(reference, None)).ShouldBe(Bytes(100));
    }

    [Fact]
    public async Task List_GivesEveryObject_AndDeleteRemovesOne()
    {
        List<ObjectRef> references = [];
        for (int length = 0; length < 20; length++) references.Add(await Store.PutAsync(Bytes(length), MediaTypes.Png, None));
        (await List()).Select(item => (item.Digest, item.Bytes)).ShouldBe(references.Select(item => (item.Digest, item.Bytes)), ignoreOrder: true);
        await Store.DeleteAsync(references[3].Digest, None);
        await Store.DeleteAsync(references[3].Digest, None);
        (await List()).Count.ShouldBe(19);
        (await Store.ExistsAsync(references[3].Digest, None)).ShouldBeFalse();
    }

    [Fact]
    public async Task CanceledCalls_StoreNothing()
    {
        CancellationToken canceled = new(canceled: true);
        await Should.ThrowAsync<OperationCanceledException>(() => Store.PutAsync(Bytes(10), MediaTypes.Png, canceled));
        await using StagedObject staged = await Store.StageAsync(None);
        await Should.ThrowAsync<OperationCanceledException>(() => staged.CommitAsync(MediaTypes.Png, canceled));
        (await List()).ShouldBeEmpty();
    }

    protected static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(index => (byte)((index * 31) ^ (index >> 7)))];

    private static async Task<Sha256Digest> Sha256(Stream stream) => Sha256Digest.FromHash(await System.Security.Cryptography.SHA256.HashDataAsync(stream));

    private async Task<List<StoredObject>> List()
    {
        List<StoredObject> items = [];
        await foreach (StoredObject item in Store.ListAsync(None)) items.Add(item);
        return items;
    }
}
