using Factory.Tests.Servers.Containers;
using Factory.Tests.Servers.Native;
using Minio;
using Minio.DataModel.Args;

namespace Factory.Tests.Servers;

/// <summary>An S3 server of one test's own, on one loopback port for its whole life. Objects outlive <see cref="ControlledServer.StopAsync"/>.</summary>
public sealed class S3Server : ControlledServer
{
    internal const string AccessKey = "factory";
    internal const string SecretKey = "factory-secret";
    internal const string Region = "us-east-1";

    private S3Server(IServerHost host, int port)
        : base(host, port) => Endpoint = new($"http://127.0.0.1:{port}");

    /// <summary>Where it answers.</summary>
    public Uri Endpoint { get; }

    /// <summary>Starts a new server; skips the test where there is none, fails it where there must be one.</summary>
    public static Task<S3Server> StartNewAsync() => Requirement.OrSkipAsync("s3", CreateAsync);

    /// <summary>Makes an empty bucket.</summary>
    public Task<S3Access> CreateBucketAsync() => CreateBucketAsync(Endpoint, AccessKey, SecretKey);

    /// <summary>Puts an object into a bucket.</summary>
    public static async Task PutAsync(S3Access bucket, string name, byte[] content)
    {
        using IMinioClient client = Client(bucket.Endpoint, bucket.AccessKey, bucket.SecretKey);
        await client.PutObjectAsync(new PutObjectArgs().WithBucket(bucket.Bucket).WithObject(name).WithStreamData(new MemoryStream(content)).WithObjectSize(content.Length));
    }

    /// <summary>Every object of a bucket, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadAllAsync(S3Access bucket)
    {
        using IMinioClient client = Client(bucket.Endpoint, bucket.AccessKey, bucket.SecretKey);
        Dictionary<string, byte[]> objects = [];
        await foreach (Minio.DataModel.Item item in client.ListObjectsEnumAsync(new ListObjectsArgs().WithBucket(bucket.Bucket).WithRecursive(true)))
        {
            using MemoryStream content = new();
            await client.GetObjectAsync(new GetObjectArgs().WithBucket(bucket.Bucket).WithObject(item.Key).WithCallbackStream((stream, stop) => stream.CopyToAsync(content, stop)));
            objects[item.Key] = content.ToArray();
        }
        return objects;
    }

    internal static async Task<S3Server> CreateAsync()
    {
        int port = LoopbackPort.Take(1)[0];
        return await StartedAsync("s3", () => ContainerServers.S3(port), () => Task.FromResult(NativeS3.Create(port)), host => new S3Server(host, port));
    }

    internal static async Task<S3Access> CreateBucketAsync(Uri endpoint, string accessKey, string secretKey)
    {
        S3Access access = new(endpoint, Region, accessKey, secretKey, $"test-{Guid.NewGuid():N}");
        using IMinioClient client = Client(endpoint, accessKey, secretKey);
        await client.MakeBucketAsync(new MakeBucketArgs().WithBucket(access.Bucket));
        return access;
    }

    private protected override async Task AskAsync(CancellationToken stop)
    {
        // The user is made after the gateway answers: only a signed request tells that both are there.
        using IMinioClient client = Client(Endpoint, AccessKey, SecretKey);
        await client.ListBucketsAsync(stop);
    }

    private static IMinioClient Client(Uri endpoint, string accessKey, string secretKey) => new MinioClient()
        .WithEndpoint(endpoint.Authority)
        .WithCredentials(accessKey, secretKey)
        .WithRegion(Region)
        .WithSSL(endpoint.Scheme == Uri.UriSchemeHttps)
        .Build();
}
