namespace Factory.Tests.Servers.Containers;

/// <summary>The servers as containers. Public images unless <c>FACTORY_TEST_IMAGE_POSTGRES</c>, <c>_RABBITMQ</c> or <c>_S3</c> names another, such as those of deploy/offline.</summary>
internal static class ContainerServers
{
    /// <summary>PostgreSQL.</summary>
    public static Task<IServerHost> Postgres(int port) => ContainerHost.CreateAsync(
        Image("POSTGRES", "postgres:17"),
        new() { [port] = 5432 },
        new() { ["POSTGRES_PASSWORD"] = PostgresServer.Password },
        PostgresServer.Settings);

    /// <summary>RabbitMQ with its management API.</summary>
    public static Task<IServerHost> RabbitMq(int port, int managementPort) => ContainerHost.CreateAsync(
        Image("RABBITMQ", "rabbitmq:4-management"),
        new() { [port] = 5672, [managementPort] = 15672 },
        new() { ["RABBITMQ_DEFAULT_USER"] = RabbitMqServer.User, ["RABBITMQ_DEFAULT_PASS"] = RabbitMqServer.Password },
        []);

    /// <summary>An S3 server: MinIO's public image, or a gateway image of deploy/offline.</summary>
    public static Task<IServerHost> S3(int port)
    {
        string image = Image("S3", "minio/minio:RELEASE.2025-04-22T22-12-09Z");
        return image.Contains("minio", StringComparison.OrdinalIgnoreCase)
            ? ContainerHost.CreateAsync(image, new() { [port] = 9000 }, new() { ["MINIO_ROOT_USER"] = S3Server.AccessKey, ["MINIO_ROOT_PASSWORD"] = S3Server.SecretKey }, ["server", "/data"])
            : ContainerHost.CreateAsync(image, new() { [port] = 7480 }, new() { ["S3_ACCESS_KEY"] = S3Server.AccessKey, ["S3_SECRET_KEY"] = S3Server.SecretKey }, []);
    }

    private static string Image(string service, string usual) => Environment.GetEnvironmentVariable($"FACTORY_TEST_IMAGE_{service}") is { Length: > 0 } named ? named : usual;
}
