using Factory.Contracts;
using Factory.GpuWorker.Datasets;
using Factory.Hosting.Objects;
using Factory.Storage.Objects;
using Factory.Storage.Objects.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Tests.Datasets;

public sealed class CachedObjectsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("factory-worker-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WorkerOfABucket_KeepsBlobsOnItsDisk()
    {
        using ServiceProvider services = Services(new()
        {
            ["Objects:S3:Endpoint"] = "http://127.0.0.1:9000",
            ["Objects:S3:Bucket"] = "bucket",
            ["Objects:S3:AccessKey"] = "key",
            ["Objects:S3:SecretKey"] = "secret",
            ["Objects:Cache:Folder"] = Path.Combine(_folder, "cache"),
            ["Objects:Cache:MaxBytes"] = "1048576",
        });
        services.GetRequiredService<IObjectStore>().ShouldBeOfType<DiskCachedObjects>();
        services.GetRequiredService<S3Probe>().ShouldNotBeNull();
        Directory.Exists(Path.Combine(_folder, "cache")).ShouldBeTrue();
    }

    [Fact]
    public void SettingsThatAreWrong_AreAllNamed_WithoutSecrets()
    {
        using ServiceProvider services = Services(new()
        {
            ["Objects:S3:Endpoint"] = "ftp://user:hidden@host",
            ["Objects:S3:Bucket"] = "No Bucket",
            ["Objects:S3:SecretKey"] = "hidden",
        });
        string message = Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IObjectStore>()).Message;
        foreach (string name in (string[])["Endpoint", "Bucket", "AccessKey"]) message.ShouldContain(name);
        message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task ScratchFiles_OfACachedStore_AreTheCachesOwn()
    {
        DiskCachedObjects store = new(new FileSystemObjectStore(Path.Combine(_folder, "store")), Options.Create(new DiskCacheOptions { Folder = Path.Combine(_folder, "cache") }), TimeProvider.System);
        ObjectRef blob = await store.PutAsync(new byte[1000], MediaTypes.Tar, CancellationToken.None);
        ScratchFiles scratch = new(store, Options.Create(new ScratchOptions { Folder = Path.Combine(_folder, "scratch") }));
        string path = await scratch.FetchAsync(blob, CancellationToken.None);
        Path.GetDirectoryName(path).ShouldBe(Path.Combine(_folder, "cache"));
        File.ReadAllBytes(path).ShouldBe(new byte[1000]);
        Directory.GetFiles(Path.Combine(_folder, "scratch")).ShouldBeEmpty();
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddObjectStore(new ConfigurationBuilder().AddInMemoryCollection(settings).AddInMemoryCollection([new("Objects:Kind", "S3")]).Build(), cached: true).BuildServiceProvider();
}
