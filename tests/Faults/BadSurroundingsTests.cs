using Factory.Tests.Servers;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Factory.Faults;

/// <summary>Servers that refuse a service, or are not there: one clear line with what to do, and nothing is changed.</summary>
public sealed class BadSurroundingsTests(Peace peace)
{
    private const string Coordinator = "Factory.Coordinator", Worker = "Factory.GpuWorker", Wrong = "wrong-secret";

    [Theory]
    [InlineData(Coordinator, "Transport__Password", Wrong, "does not accept user 'factory' with this password; check Transport:User and Transport:Password.")]
    [InlineData(Worker, "Transport__Password", Wrong, "does not accept user 'factory' with this password; check Transport:User and Transport:Password.")]
    [InlineData(Worker, "Transport__VirtualHost", "nowhere", "refuses virtual host 'nowhere' to user 'factory'")]
    [InlineData(Coordinator, "Password", Wrong, "the database server refuses (password authentication failed for user \"postgres\"); check Database:ConnectionString")]
    [InlineData(Coordinator, "Database", "nowhere", "the database server refuses (database \"nowhere\" does not exist); check Database:ConnectionString, and that the database exists.")]
    public async Task ServerThatRefuses_IsNamedInALine(string program, string setting, string value, string said)
    {
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace);
        if (setting is "Password" or "Database") factory.Environment("Database__ConnectionString", With(factory.Settings["Database__ConnectionString"], setting, value));
        else factory.Environment(setting, value);

        await RefusedAsync(program, factory.Settings, said);
    }

    [Theory]
    [InlineData(Coordinator, "Bucket", "no-such-bucket", "does not exist: the server has no bucket no-such-bucket; make it, or correct Objects:S3:Bucket.")]
    [InlineData(Worker, "AccessKey", "nobody", "does not know the access key; check Objects:S3:AccessKey.")]
    [InlineData(Worker, "SecretKey", Wrong, "refuses the signature: the secret key is not the access key's; check Objects:S3:SecretKey")]
    public async Task BucketThatRefuses_IsNamedInALine(string program, string setting, string value, string said)
    {
        S3Access bucket = await (await peace.S3Async()).CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace, bucket);
        factory.Environment($"Objects__S3__{setting}", value);

        await RefusedAsync(program, factory.Settings, said);
    }

    [Theory]
    [InlineData(20, "20 minutes ahead of")]
    [InlineData(-20, "20 minutes behind")]
    public async Task ClockThatABucketRefuses_IsNamedInALine(int ahead, string said)
    {
        S3Access bucket = await (await peace.S3Async()).CreateBucketAsync();
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace, bucket);
        foreach ((string name, string value) in SkewedClock.Ahead(ahead)) factory.Environment(name, value);

        await RefusedAsync(Worker, factory.Settings, $"refuses requests because this machine's clock is {said} the server's; set the clock (NTP) and start again.");
    }

    [Theory]
    [InlineData(Worker, "Transport__Port", "{0}", "Waiting for broker amqp://127.0.0.1:{0}/")]
    [InlineData(Coordinator, "Database__ConnectionString", "Host=127.0.0.1;Port={0};Database=none;Username=nobody", "Waiting for database tcp://127.0.0.1:{0}")]
    [InlineData(Worker, "Objects__S3__Endpoint", "http://127.0.0.1:{0}", "Waiting for object store http://127.0.0.1:{0}, bucket")]
    public async Task ServerThatIsNotThere_IsWaitedForByName(string program, string setting, string value, string said)
    {
        string port = $"{LoopbackPort.Take(1)[0]}";
        S3Access? bucket = setting.StartsWith("Objects", StringComparison.Ordinal) ? await (await peace.S3Async()).CreateBucketAsync() : null;
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace, bucket);
        factory.Environment(setting, value.Replace("{0}", port, StringComparison.Ordinal));

        using Service service = Service.Start(program, factory.Settings);
        string line = await service.SeeAsync(said.Replace("{0}", port, StringComparison.Ordinal));

        line.ShouldContain("Connection refused");
        line.ShouldContain("trying again in 1 s");
        service.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task NewerSchema_IsRefused()
    {
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace);
        await factory.ExecuteAsync("""insert into "__EFMigrationsHistory" values ('29990101000000_Later', '10')""");

        await RefusedAsync(Coordinator, factory.Settings, "the database's schema is newer than this program, which does not know its migration 29990101000000_Later; update this program");
    }

    [Fact]
    public async Task OlderSchema_IsRefused()
    {
        await using DistributedFactory factory = await DistributedFactory.CreateAsync(peace);
        string file = Path.Combine(peace.NewFolder(), "factory.db");
        factory.Environment("Database__Provider", "Sqlite");
        factory.Environment("Database__ConnectionString", $"Data Source={file}");
        await factory.CommandAsync("migrate");
        await using (SqliteConnection connection = new($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand forget = connection.CreateCommand();
            forget.CommandText = "delete from __EFMigrationsHistory where migration_id = (select max(migration_id) from __EFMigrationsHistory)";
            forget.ExecuteNonQuery().ShouldBe(1);
        }

        await RefusedAsync(Coordinator, factory.Settings, "the database's schema is older than this program by 1 migration (");
    }

    private static async Task RefusedAsync(string program, IReadOnlyDictionary<string, string> settings, string said)
    {
        using Service service = Service.Start(program, settings);

        int code = await service.EndAsync(ask: false);

        code.ShouldBe(1, service.Log);
        string[] lines = [.. service.Log.Split('\n').Where(line => line.StartsWith("factory-", StringComparison.Ordinal))];
        lines.ShouldHaveSingleItem(service.Log).ShouldContain(said, Case.Sensitive);
        service.Log.ShouldNotContain("   at ");
        service.Log.ShouldNotContain(Wrong);
        if (settings.TryGetValue("Objects__S3__SecretKey", out string? secret)) service.Log.ShouldNotContain(secret);
    }

    private static string With(string connection, string part, string value) => new NpgsqlConnectionStringBuilder(connection) { [part] = value }.ConnectionString;
}
