namespace Factory.Tests.Servers;

/// <summary>
/// Real servers for tests, one of a kind for a test process, started when first asked for and gone when the process is. Every call gives something fresh
/// within it. A server named in the environment comes first (<c>FACTORY_TEST_POSTGRES</c>, a connection string; <c>FACTORY_TEST_RABBITMQ</c>, an AMQP URL;
/// <c>FACTORY_TEST_S3</c>, an HTTP URL with user and password), then a container, then this machine's packages. Where there is none the test is skipped, or
/// fails if <c>FACTORY_TEST_REQUIRE</c> names the service.
/// </summary>
public static class TestServers
{
    private static readonly Lazy<Task<PostgresServer>> Postgres = new(PostgresServer.CreateAsync);
    private static readonly Lazy<Task<RabbitMqServer>> RabbitMq = new(RabbitMqServer.CreateAsync);
    private static readonly Lazy<Task<S3Server>> S3 = new(S3Server.CreateAsync);

    /// <summary>The connection string of a fresh, empty database.</summary>
    public static Task<string> PostgresAsync() => Requirement.OrSkipAsync("postgres", async () => Named("POSTGRES") is { } server
        ? await PostgresServer.CreateDatabaseAsync(server)
        : await (await Postgres.Value).CreateDatabaseAsync());

    /// <summary>A fresh virtual host. Of a named server without a management API on port 15672 it is the URL's own.</summary>
    public static Task<RabbitMqAccess> RabbitMqAsync() => Requirement.OrSkipAsync("rabbitmq", async () => Named("RABBITMQ") is { } url
        ? await NamedRabbitMqAsync(new(url))
        : await (await RabbitMq.Value).CreateVirtualHostAsync());

    /// <summary>A fresh, empty bucket.</summary>
    public static Task<S3Access> S3Async() => Requirement.OrSkipAsync("s3", async () => Named("S3") is { } url
        ? await NamedS3Async(new(url))
        : await (await S3.Value).CreateBucketAsync());

    private static string? Named(string service) => Environment.GetEnvironmentVariable($"FACTORY_TEST_{service}") is { Length: > 0 } value ? value : null;

    private static async Task<RabbitMqAccess> NamedRabbitMqAsync(Uri url)
    {
        (string user, string password) = Credentials(url, "guest", "guest");
        string own = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
        RabbitMqAccess access = new(url.Host, url.Port > 0 ? url.Port : 5672, own.Length > 0 ? own : "/", user, password);
        try
        {
            RabbitMqManagement management = new(new($"http://{url.Host}:15672"), user, password);
            return access with { VirtualHost = await management.CreateVirtualHostAsync() };
        }
        catch (HttpRequestException)
        {
            return access;
        }
    }

    private static Task<S3Access> NamedS3Async(Uri url)
    {
        (string accessKey, string secretKey) = Credentials(url, S3Server.AccessKey, S3Server.SecretKey);
        return S3Server.CreateBucketAsync(new(url.GetLeftPart(UriPartial.Scheme) + url.Authority), accessKey, secretKey);
    }

    private static (string User, string Password) Credentials(Uri url, string user, string password)
    {
        string[] parts = url.UserInfo.Split(':', 2);
        return parts is [{ Length: > 0 } name, { } secret] ? (Uri.UnescapeDataString(name), Uri.UnescapeDataString(secret)) : (user, password);
    }
}
