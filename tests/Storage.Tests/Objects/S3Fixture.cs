using Factory.Contracts;
using Factory.Storage.Objects.S3;
using Factory.Tests.Servers;
using Microsoft.Extensions.Options;
using Minio;
using Minio.DataModel.Args;

namespace Factory.Storage.Tests.Objects;

/// <summary>A fresh bucket on a real server, and stores in it.</summary>
internal sealed class S3Fixture : IDisposable
{
    public const string Prefix = "site/a";

    private readonly List<IDisposable> _opened = [];
    private readonly TemporaryFolder _scratch = new();

    private S3Fixture(S3Access access) => Access = access;

    public S3Access Access { get; }

    public string Scratch => _scratch.Path;

    public static async Task<S3Fixture> CreateAsync() => new(await TestServers.S3Async());

    public S3Options Options(Action<S3Options>? change = null)
    {
        S3Options options = new()
        {
            Endpoint = Access.Endpoint.ToString(),
            Region = Access.Region,
            Bucket = Access.Bucket,
            Prefix = Prefix,
            AccessKey = Access.AccessKey,
            SecretKey = Access.SecretKey,
            ScratchFolder = _scratch.Path,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            Retries = 2,
        };
        change?.Invoke(options);
        return options;
    }

    public S3ObjectStore Store(Action<S3Options>? change = null, TimeProvider? time = null)
    {
        S3ObjectStore store = new(Microsoft.Extensions.Options.Options.Create(Options(change)), time ?? TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    public S3Probe Probe(Action<S3Options>? change = null, TimeProvider? time = null) => new(Microsoft.Extensions.Options.Options.Create(Options(change)), time ?? TimeProvider.System);

    public static string KeyOf(Sha256Digest digest) => $"{Prefix}/objects/{digest.Hex[..2]}/{digest.Hex[2..4]}/{digest.Hex}";

    /// <summary>A client of the server's own library, behind the store's back.</summary>
    public IMinioClient Client()
    {
        IMinioClient client = new MinioClient().WithEndpoint(Access.Endpoint.Authority).WithSSL(Access.Endpoint.Scheme == "https").WithRegion(Access.Region)
            .WithCredentials(Access.AccessKey, Access.SecretKey).Build();
        _opened.Add(client);
        return client;
    }

    public async Task WriteAsync(string key, byte[] content) => await Client().PutObjectAsync(
        new PutObjectArgs().WithBucket(Access.Bucket).WithObject(key).WithStreamData(new MemoryStream(content)).WithObjectSize(content.Length));

    public async Task<List<string>> KeysAsync()
    {
        List<string> keys = [];
        await foreach (var item in Client().ListObjectsEnumAsync(new ListObjectsArgs().WithBucket(Access.Bucket).WithRecursive(true))) keys.Add(item.Key);
        return keys;
    }

    public void Dispose()
    {
        foreach (IDisposable opened in _opened) opened.Dispose();
        _scratch.Dispose();
    }
}
