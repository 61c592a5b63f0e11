using Factory.Contracts;
using Factory.Storage.Manifests;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Factory.Storage.Tests.Objects;
using Minio.DataModel.Args;

namespace Factory.Storage.Tests.Manifests;

public sealed class CorpusInBucketTests : IAsyncLifetime
{
    private readonly CorpusFixture _fixture = new();
    private S3Fixture _bucket = null!;
    private S3CorpusPlace _place = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await S3Fixture.CreateAsync();
        _place = Place();
    }

    public ValueTask DisposeAsync()
    {
        _place?.Dispose();
        _bucket?.Dispose();
        _fixture.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ExportedCorpus_HasItsFilesUnderThePrefix_AndIsVerified()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        await ExportAsync(manifest, new Heard());
        (await _bucket.KeysAsync()).ShouldBe(["corpora/tiny/manifest.json", "corpora/tiny/tiny-train-000000.tar", "corpora/tiny/tiny-train-000001.tar"]);
        VerificationReport report = await VerifyAsync();
        report.Problems.ShouldBeEmpty();
        (report.Digest, report.Samples).ShouldBe((manifest.Digest, 6L));
        Directory.GetFiles(_bucket.Scratch).ShouldBeEmpty();
    }

    [Fact]
    public async Task InterruptedExport_HasNoManifest_AndGoesOn()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        using CancellationTokenSource source = new();
        await Should.ThrowAsync<OperationCanceledException>(() => ExportAsync(manifest, new Heard(source.Cancel), source.Token));
        (await _bucket.KeysAsync()).ShouldBe(["corpora/tiny/tiny-train-000000.tar"]);
        (await Should.ThrowAsync<CorpusFolderException>(VerifyAsync)).Message.ShouldContain("manifest.json");
        List<Sha256Digest> opened = [];
        await CorpusExporter.ExportAsync(
            (digest, cancellationToken) =>
            {
                opened.Add(digest);
                return _fixture.Store.OpenReadAsync(digest, cancellationToken);
            },
            manifest, _place, new Heard(), CancellationToken.None);
        opened.ShouldBe([manifest.Shards[1].Sha256]);
        (await VerifyAsync()).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task DamagedMissingAndForeignFiles_AreListed_AndMendedByAnotherExport()
    {
        CorpusManifest manifest = await _fixture.ExportAsync();
        await ExportAsync(manifest, new Heard());
        byte[] shard = File.ReadAllBytes(_fixture.FirstShard);
        shard[700] ^= 1;
        await _bucket.WriteAsync("corpora/tiny/tiny-train-000000.tar", shard);
        await _bucket.WriteAsync("corpora/tiny/sub/notes.txt", [1]);
        await _bucket.Client().RemoveObjectAsync(new RemoveObjectArgs().WithBucket(_bucket.Access.Bucket).WithObject("corpora/tiny/tiny-train-000001.tar"));
        string[] lines = [.. (await VerifyAsync()).Problems.Select(problem => problem.ToString())];
        lines.ShouldContain("sub/notes.txt: is no part of the corpus");
        lines.ShouldContain("tiny-train-000001.tar: is missing");
        lines.ShouldContain(line => line.StartsWith("tiny-train-000000.tar: has the digest"));
        (await Should.ThrowAsync<CorpusFolderException>(() => ExportAsync(manifest, new Heard()))).Message.ShouldContain("sub/notes.txt");
        await _bucket.Client().RemoveObjectAsync(new RemoveObjectArgs().WithBucket(_bucket.Access.Bucket).WithObject("corpora/tiny/sub/notes.txt"));
        await ExportAsync(manifest, new Heard());
        (await VerifyAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnotherCorpus_IsNotOverwritten()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        await ExportAsync(manifest, new Heard());
        (await Should.ThrowAsync<CorpusFolderException>(() => ExportAsync(manifest with { Seed = 1 }, new Heard()))).Message.ShouldContain("another corpus");
        (await VerifyAsync()).Digest.ShouldBe(manifest.Digest);
    }

    [Fact]
    public async Task EmptyPrefixAndMissingBucket_AreNamed()
    {
        (await Should.ThrowAsync<CorpusFolderException>(VerifyAsync)).Message.ShouldContain($"s3://{_bucket.Access.Bucket}/corpora/tiny");
        using S3CorpusPlace nowhere = Place(options => options.Bucket = "no-such-bucket-here");
        await Should.ThrowAsync<ObjectStoreRefusedException>(() => CorpusVerifier.VerifyAsync(nowhere, null, new Heard(), CancellationToken.None));
    }

    [Fact]
    public async Task ShardThatIsCutWhileItIsVerified_IsNoDamage()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        await ExportAsync(manifest, new Heard());
        using CuttingProxy proxy = new(_bucket.Access.Endpoint);
        using S3CorpusPlace place = Place(options => options.Endpoint = proxy.Address.ToString());
        proxy.CutAfter(3000);
        await Should.ThrowAsync<ObjectStoreUnavailableException>(() => CorpusVerifier.VerifyAsync(place, null, new Heard(), CancellationToken.None));
    }

    private S3CorpusPlace Place(Action<S3Options>? change = null) => new(
        _bucket.Options(options =>
        {
            options.Prefix = "corpora/tiny";
            change?.Invoke(options);
        }),
        TimeProvider.System);

    private Task ExportAsync(CorpusManifest manifest, IProgress<long> progress, CancellationToken cancellationToken = default) =>
        CorpusExporter.ExportAsync(_fixture.Store.OpenReadAsync, manifest, _place, progress, cancellationToken);

    private Task<VerificationReport> VerifyAsync() => CorpusVerifier.VerifyAsync(_place, null, new Heard(), CancellationToken.None);
}
