using Factory.Contracts;
using Factory.Storage.Manifests;

namespace Factory.Storage.Tests.Manifests;

public sealed class CorpusExporterTests : IDisposable
{
    private readonly CorpusFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Export_WritesShardsAndManifest_AndTellsBytes()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        Heard progress = new();
        await _fixture.ExportAsync(manifest, progress);
        Names().ShouldBe(["manifest.json", "tiny-train-000000.tar", "tiny-train-000001.tar"]);
        File.ReadAllBytes(_fixture.ManifestFile).ShouldBe(manifest.ToCanonicalBytes());
        Sha256Digest.Of(File.ReadAllBytes(_fixture.FirstShard)).ShouldBe(manifest.Shards[0].Sha256);
        progress.Reports.ShouldBe([manifest.Shards[0].Bytes, manifest.Shards.Sum(shard => shard.Bytes)]);
    }

    [Fact]
    public async Task SecondExport_KeepsWholeShards_AndReplacesDamagedOnes()
    {
        CorpusManifest manifest = await _fixture.ExportAsync();
        byte[] bytes = File.ReadAllBytes(_fixture.FirstShard);
        bytes[700] ^= 1;
        File.WriteAllBytes(_fixture.FirstShard, bytes);
        File.SetLastWriteTimeUtc(_fixture.FirstShard, DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(_fixture.SecondShard, DateTime.UnixEpoch);
        await _fixture.ExportAsync(manifest, new Heard());
        File.GetLastWriteTimeUtc(_fixture.FirstShard).ShouldNotBe(DateTime.UnixEpoch);
        File.GetLastWriteTimeUtc(_fixture.SecondShard).ShouldBe(DateTime.UnixEpoch);
        (await _fixture.VerifyAsync()).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task InterruptedExport_HasNoManifest_AndIsTakenUpAgain()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        using CancellationTokenSource source = new();
        await Should.ThrowAsync<OperationCanceledException>(() => _fixture.ExportAsync(manifest, new Heard(source.Cancel), source.Token));
        Names().ShouldBe(["tiny-train-000000.tar"]);
        // What a process that was killed leaves.
        File.WriteAllText(_fixture.SecondShard + ".part", "half");
        await _fixture.ExportAsync(manifest, new Heard());
        Names().ShouldBe(["manifest.json", "tiny-train-000000.tar", "tiny-train-000001.tar"]);
        (await _fixture.VerifyAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task FolderOfAnotherCorpus_IsRefusedAndUntouched()
    {
        CorpusManifest manifest = await _fixture.ExportAsync();
        CorpusFolderException error = await Should.ThrowAsync<CorpusFolderException>(() => _fixture.ExportAsync(manifest with { Seed = 1 }, new Heard()));
        error.Message.ShouldContain("another corpus");
        (await _fixture.VerifyAsync()).Digest.ShouldBe(manifest.Digest);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("manifest.json")]
    [InlineData("other-train-000000.tar")]
    public async Task FolderWithForeignFile_IsRefusedAndUntouched(string name)
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        Directory.CreateDirectory(_fixture.Target);
        File.WriteAllText(Path.Combine(_fixture.Target, name), "mine");
        await Should.ThrowAsync<CorpusFolderException>(() => _fixture.ExportAsync(manifest, new Heard()));
        Names().ShouldBe([name]);
        File.ReadAllText(Path.Combine(_fixture.Target, name)).ShouldBe("mine");
    }

    [Fact]
    public async Task ShardDamagedInTheStore_IsNotExported()
    {
        CorpusManifest manifest = await _fixture.StoreAsync();
        string hex = manifest.Shards[1].Sha256.Hex;
        string blob = Directory.GetFiles(Path.GetDirectoryName(_fixture.Target)!, hex, SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(blob);
        File.Delete(blob);
        bytes[9] ^= 4;
        File.WriteAllBytes(blob, bytes);
        (await Should.ThrowAsync<CorpusFolderException>(() => _fixture.ExportAsync(manifest, new Heard()))).Message.ShouldContain("tiny-train-000001.tar");
        Names().ShouldBe(["tiny-train-000000.tar"]);
    }

    private string?[] Names() => [.. Directory.GetFileSystemEntries(_fixture.Target).Select(Path.GetFileName).Order(StringComparer.Ordinal)];
}
