using System.Text;
using Factory.Tests.Servers;
using Minio;
using Minio.DataModel.Args;

namespace Factory.Servers.Tests;

/// <summary>The S3 server, shared and controlled.</summary>
public sealed class S3ServerTests
{
    [Fact]
    public async Task EachCaller_HasABucket()
    {
        S3Access first = await TestServers.S3Async();
        S3Access second = await TestServers.S3Async();

        await PutAsync(first, "a", "first");
        await PutAsync(second, "a", "second");

        (await GetAsync(first, "a")).ShouldBe("first");
        (await GetAsync(second, "a")).ShouldBe("second");
    }

    [Fact]
    public async Task StopAndStart_KeepObjectsAndPort()
    {
        await using S3Server server = await S3Server.StartNewAsync();
        S3Access access = await server.CreateBucketAsync();
        await PutAsync(access, "a", "kept");

        await server.StopAsync();
        await Should.ThrowAsync<Exception>(() => GetAsync(access, "a"));
        await server.StartAsync();

        (await GetAsync(access, "a")).ShouldBe("kept");
    }

    private static IMinioClient Client(S3Access access) => new MinioClient()
        .WithEndpoint(access.Endpoint.Authority)
        .WithCredentials(access.AccessKey, access.SecretKey)
        .WithRegion(access.Region)
        .WithSSL(false)
        .Build();

    private static async Task PutAsync(S3Access access, string key, string text)
    {
        using IMinioClient client = Client(access);
        using MemoryStream content = new(Encoding.UTF8.GetBytes(text));
        await client.PutObjectAsync(new PutObjectArgs().WithBucket(access.Bucket).WithObject(key).WithStreamData(content).WithObjectSize(content.Length));
    }

    private static async Task<string> GetAsync(S3Access access, string key)
    {
        using IMinioClient client = Client(access);
        using MemoryStream content = new();
        await client.GetObjectAsync(new GetObjectArgs().WithBucket(access.Bucket).WithObject(key).WithCallbackStream(stream => stream.CopyTo(content)));
        return Encoding.UTF8.GetString(content.ToArray());
    }
}
