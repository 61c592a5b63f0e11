using Factory.Contracts;
using Factory.Storage.Manifests;
using Factory.Storage.Objects;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Manifests;

/// <summary>A store with the small corpus, and a folder to export it to.</summary>
internal sealed class CorpusFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CorpusFixture() => Store = new(_folder.Of("store"));

    public FileSystemObjectStore Store { get; }

    public string Target => _folder.Of("out");

    public ICorpusPlace Place => new FolderPlace(Target);

    public string FirstShard => Path.Combine(Target, "tiny-train-000000.tar");

    public string SecondShard => Path.Combine(Target, "tiny-train-000001.tar");

    public string ManifestFile => Path.Combine(Target, CorpusManifest.FileName);

    public Task<CorpusManifest> StoreAsync(List<List<ShardSample>>? samples = null) => SmallCorpus.StoreAsync(Store, samples ?? SmallCorpus.Samples());

    public async Task<CorpusManifest> ExportAsync(List<List<ShardSample>>? samples = null)
    {
        CorpusManifest manifest = await StoreAsync(samples);
        await ExportAsync(manifest, new Heard());
        return manifest;
    }

    public Task ExportAsync(CorpusManifest manifest, IProgress<long> progress, CancellationToken cancellationToken = default) =>
        CorpusExporter.ExportAsync(Store.OpenReadAsync, manifest, Place, progress, cancellationToken);

    public Task<VerificationReport> VerifyAsync(Sha256Digest? expected = null) => CorpusVerifier.VerifyAsync(Place, expected, new Heard(), CancellationToken.None);

    public void Dispose() => _folder.Dispose();
}

/// <summary>Progress as it was told, on the thread that told it.</summary>
internal sealed class Heard(Action? then = null) : IProgress<long>
{
    public List<long> Reports { get; } = [];

    public void Report(long value)
    {
        Reports.Add(value);
        then?.Invoke();
    }
}
