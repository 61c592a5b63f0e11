using System.Net.Http.Headers;
using System.Text;
using Factory.Tests.Servers;
using Npgsql;

namespace Factory.Faults;

/// <summary>Secrets that are known by their text, and everything that a distributed factory says, stores and is called while its servers fail: none of them is in it.</summary>
public sealed class SecretTests(Peace peace)
{
    private const string Database = "marked-secret-of-the-database", Broker = "marked-secret-of-the-broker", Api = "marked-secret-of-the-api";
    private const string Wrong = "marked-secret-that-is-wrong", False = "marked-secret-of-a-stranger";
    private readonly StringBuilder _said = new();
    private readonly List<string> _secrets = [Database, Broker, Api, Wrong, False];

    [Fact]
    public async Task ServicesWhoseServersFail_SayNoSecretAtAnyLevel()
    {
        PostgresServer postgres = await peace.PostgresAsync();
        S3Access bucket = await (await peace.S3Async()).CreateBucketAsync();
        RabbitMqAccess broker = await (await peace.RabbitMqAsync()).CreateVirtualHostAsync("marked", Broker);
        await using FaultProxy toDatabase = FaultProxy.Start(postgres), toBroker = FaultProxy.Start(broker.Host, broker.Port), toBucket = FaultProxy.Start(bucket.Endpoint.Host, bucket.Endpoint.Port);
        await using DistributedFactory factory = await CreateAsync(broker, bucket, toDatabase, toBroker, toBucket);
        Service coordinator = await factory.CoordinatorAsync(), worker = await factory.WorkerAsync();
        Uri url = new((await coordinator.SeeAsync("Now listening on: ")).Split("Now listening on: ")[1].Trim());
        using HttpClient client = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        Remember(await factory.CommandAsync("key", "create", "marked", "--role", "operator"));
        await factory.SubmitAsync();
        await factory.ShardsAsync(1);

        await AskAsync(client);
        foreach (FaultProxy proxy in new[] { toDatabase, toBroker, toBucket })
        {
            foreach (Fault fault in new[] { Fault.Refuse, Fault.CutAfter(300) })
            {
                proxy.Fault = fault;
                await AskAsync(client);
                await CommandAsync(factory, url, "doctor");
                proxy.Fault = Fault.None;
            }
        }
        foreach (string setting in new[] { "Database__ConnectionString", "Transport__Password", "Objects__S3__SecretKey" })
        {
            string value = setting == "Database__ConnectionString" ? new NpgsqlConnectionStringBuilder(factory.Settings[setting]) { Password = Wrong }.ConnectionString : Wrong;
            using Service refused = Service.Start("Factory.Coordinator", new Dictionary<string, string>(factory.Settings) { [setting] = value });
            (await refused.EndAsync(ask: false)).ShouldBe(1, refused.Log);
            _said.AppendLine(refused.Log);
        }
        foreach (Service service in new[] { coordinator, worker }) _said.AppendLine(await File.ReadAllTextAsync($"/proc/{service.Worker.Split('/')[1]}/cmdline"));
        await worker.EndAsync();
        await coordinator.EndAsync();
        foreach (Service service in new[] { coordinator, worker }) _said.AppendLine(service.Log);
        await ReadDatabaseAsync(factory);

        string said = _said.ToString();
        said.ShouldContain("dbug: ");
        said.ShouldContain("\"status\":401");
        said.ShouldContain("authenticate");
        // A signed address lets whoever has it read.
        foreach (string secret in _secrets.Append("X-Amz-Signature")) said.Split('\n').FirstOrDefault(line => line.Contains(secret, StringComparison.Ordinal)).ShouldBeNull();
    }

    private async Task<DistributedFactory> CreateAsync(RabbitMqAccess broker, S3Access bucket, FaultProxy toDatabase, FaultProxy toBroker, FaultProxy toBucket)
    {
        DistributedFactory factory = await DistributedFactory.CreateAsync(
            peace, bucket,
            ("Logging__LogLevel__Default", "Trace"), ("Logging__LogLevel__Microsoft", "Trace"), ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"), ("Logging__LogLevel__Microsoft.EntityFrameworkCore", "Trace"),
            ("Transport__Port", $"{toBroker.Port}"), ("Transport__VirtualHost", broker.VirtualHost), ("Transport__User", broker.User), ("Transport__Password", Broker),
            ("Api__Key", Api), ("FACTORY_API_KEY", Api));
        factory.Use(bucket with { Endpoint = new($"http://127.0.0.1:{toBucket.Port}") });
        _secrets.Add(bucket.SecretKey);
        await factory.ExecuteAsync($"create role marked login superuser password '{Database}'");
        factory.Environment("Database__ConnectionString", new NpgsqlConnectionStringBuilder(factory.Settings["Database__ConnectionString"]) { Port = toDatabase.Port, Username = "marked", Password = Database }.ConnectionString);
        return factory;
    }

    // The key that was made is shown once, to its maker.
    private void Remember(string shown) => _secrets.Add(shown.Split(['\n', ' ']).Single(word => word.StartsWith("fct_", StringComparison.Ordinal))[^43..]);

    private async Task AskAsync(HttpClient client)
    {
        string made = _secrets[^1];
        (string Method, string Path, string? Key, string Body)[] requests =
        [
            ("GET", "/api/runs", Api, ""), ("GET", "/api/runs", False, ""), ("GET", "/readyz", null, ""), ("GET", "/api/workers", Api, ""),
            ("POST", $"/api/keys/fct_0123456789ab_{made}/revoke", Api, ""), ("GET", $"/api/runs?key={Api}", null, ""), ("POST", "/api/runs?file=x.yaml", Api, "name: ["),
            ("POST", "/api/keys", Api, "{"), ("PUT", $"/api/objects/{new string('0', 64)}", Api, "bytes"), ("PUT", "/api/objects/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Api, "test"),
        ];
        foreach ((string method, string path, string? key, string body) in requests)
        {
            using HttpRequestMessage request = new(new(method), path);
            if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (method != "GET") request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            try
            {
                using HttpResponseMessage answer = await client.SendAsync(request);
                _said.AppendLine($"{answer}\n{await answer.Content.ReadAsStringAsync()}");
            }
            catch (Exception cut) when (cut is HttpRequestException or TaskCanceledException)
            {
                _said.AppendLine(cut.Message);
            }
        }
    }

    private async Task CommandAsync(DistributedFactory factory, Uri url, params string[] arguments)
    {
        using Service command = Service.Start("factory", new Dictionary<string, string>(factory.Settings) { ["FACTORY_URL"] = url.ToString() }, arguments);
        await command.EndAsync(ask: false);
        _said.AppendLine(command.Log);
    }

    private async Task ReadDatabaseAsync(DistributedFactory factory)
    {
        foreach (string table in new[] { "audit", "attempts", "work_items", "runs", "workers", "api_keys" })
        {
            await using NpgsqlConnection connection = await factory.ConnectAsync();
            await using NpgsqlCommand command = new($"select coalesce(string_agg(each::text, E'\\n'), '') from {table} each", connection);
            _said.AppendLine((string)(await command.ExecuteScalarAsync())!);
        }
    }
}
