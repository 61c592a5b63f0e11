using Factory.Tests.Servers;
using Npgsql;

namespace Factory.Faults;

/// <summary>A factory of separate processes on real servers, with a database and a virtual host of its own.</summary>
internal sealed class DistributedFactory : IAsyncDisposable
{
    private const string Key = "a-key-for-the-fault-tests";
    private const string Over = "select count(*) from runs where state in ('Completed', 'Faulted', 'Canceled')";
    /// <summary>How long an attempt may be silent.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly List<Service> _services = [];
    private readonly Peace _peace;
    private readonly Dictionary<string, string> _settings;
    private readonly string _database;
    private readonly RabbitMqAccess _broker;
    private readonly int[] _ports = LoopbackPort.Take(2);

    private DistributedFactory(Peace peace, string database, RabbitMqAccess broker)
    {
        (_peace, _database, _broker) = (peace, database, broker);
        _settings = new()
        {
            ["Database__Provider"] = "PostgreSql",
            ["Database__ConnectionString"] = database,
            ["Transport__Kind"] = "RabbitMq",
            ["Transport__Host"] = broker.Host,
            ["Transport__Port"] = $"{broker.Port}",
            ["Transport__VirtualHost"] = broker.VirtualHost,
            ["Transport__User"] = broker.User,
            ["Transport__Password"] = broker.Password,
            ["Objects__Folder"] = Path.Combine(peace.NewFolder(), "objects"),
            ["Scratch__Folder"] = Path.Combine(peace.NewFolder(), "scratch"),
            ["Runs__Lease"] = $"{Lease}",
            ["Runs__InvitationTimeout"] = "00:00:10",
            ["Runs__AttemptLimit"] = "20",
            ["Api__Key"] = Key,
            ["FACTORY_API_KEY"] = Key,
        };
    }

    /// <summary>The first coordinator, as it was started with the factory.</summary>
    public Service Coordinator { get; private set; } = null!;

    /// <summary>Where blobs are.</summary>
    public string Objects => _settings["Objects__Folder"];

    /// <summary>Where messages pass.</summary>
    public RabbitMqAccess Broker => _broker;

    /// <summary>Settings and environment that a service or command of this factory gets.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Starts a coordinator on a copy of the prepared factory.</summary>
    /// <param name="peace">The fixture.</param>
    /// <param name="bucket">A bucket for blobs; absent: a folder.</param>
    /// <param name="settings">What is different for this factory's services, or in the environment of all.</param>
    public static async Task<DistributedFactory> StartAsync(Peace peace, S3Access? bucket = null, params (string Name, string Value)[] settings)
    {
        DistributedFactory factory = await CreateAsync(peace, bucket, settings);
        factory.Coordinator = await factory.CoordinatorAsync();
        return factory;
    }

    /// <summary>Copies the prepared factory, and starts nothing.</summary>
    public static async Task<DistributedFactory> CreateAsync(Peace peace, S3Access? bucket = null, params (string Name, string Value)[] settings)
    {
        await peace.MakeAsync();
        Template template = await peace.TemplateAsync();
        string database = await (await peace.PostgresAsync()).CreateDatabaseAsync(template.Database);
        DistributedFactory factory = new(peace, database, await (await peace.RabbitMqAsync()).CreateVirtualHostAsync());
        foreach ((string name, string value) in settings) factory.Environment(name, value);
        if (bucket is null) template.CopyTo(factory.Objects);
        else
        {
            await template.CopyToAsync(bucket);
            factory.Use(bucket);
        }
        return factory;
    }

    /// <summary>Brings collection and checkpoints into an empty factory, as its users would, to be copied.</summary>
    public static async Task<Template> PrepareAsync(Peace peace)
    {
        string database = await (await peace.PostgresAsync()).CreateDatabaseAsync();
        await using DistributedFactory factory = new(peace, database, await (await peace.RabbitMqAsync()).CreateVirtualHostAsync());
        await factory.CommandAsync("migrate");
        Service coordinator = await factory.CoordinatorAsync();
        foreach (string[] command in peace.Preparation) await factory.CommandAsync(command);
        await coordinator.EndAsync();
        return new(database, factory.Objects);
    }

    /// <summary>What is started from now on keeps its blobs in a bucket.</summary>
    public void Use(S3Access bucket)
    {
        _settings["Objects__Kind"] = "S3";
        _settings["Objects__S3__Endpoint"] = bucket.Endpoint.ToString();
        _settings["Objects__S3__Region"] = bucket.Region;
        _settings["Objects__S3__Bucket"] = bucket.Bucket;
        _settings["Objects__S3__AccessKey"] = bucket.AccessKey;
        _settings["Objects__S3__SecretKey"] = bucket.SecretKey;
        _settings["Objects__Cache__Folder"] = Path.Combine(_peace.NewFolder(), "cache");
    }

    /// <summary>Starts the first or second coordinator and waits until it answers.</summary>
    public async Task<Service> CoordinatorAsync(int number = 0, params (string Name, string Value)[] settings)
    {
        Service coordinator = Start("Factory.Coordinator", [("Api__Listen", $"http://127.0.0.1:{_ports[number]}"), .. settings]);
        await coordinator.SeeAsync("Application started");
        return coordinator;
    }

    /// <summary>Starts a worker and waits until it takes invitations.</summary>
    public Task<Service> WorkerAsync(params (string Name, string Value)[] settings) => WorkerOfAsync("Factory.GpuWorker", settings);

    /// <summary>Starts a worker of a build of its own.</summary>
    public async Task<Service> WorkerOfAsync(string program, params (string Name, string Value)[] settings)
    {
        Service worker = Start(program, settings);
        await worker.SeeAsync("Application started");
        return worker;
    }

    /// <summary>Runs a command against the first coordinator, or another.</summary>
    public Task<string> CommandAsync(params string[] arguments) => CommandAsync(0, arguments);

    /// <summary>Runs a command against a coordinator.</summary>
    public async Task<string> CommandAsync(int coordinator, params string[] arguments)
    {
        Dictionary<string, string> environment = new(_settings) { ["FACTORY_URL"] = $"http://127.0.0.1:{_ports[coordinator]}" };
        using Service command = Service.Start("factory", environment, arguments);
        (await command.EndAsync(ask: false)).ShouldBe(0, $"factory {string.Join(' ', arguments)}: {command.Log}\n{Logs}");
        return command.Log;
    }

    /// <summary>Sets a variable for what is started from now on.</summary>
    public void Environment(string name, string value) => _settings[name] = value;

    /// <summary>Submits the recipe.</summary>
    public Task SubmitAsync() => CommandAsync("run", "submit", _peace.Recipe);

    /// <summary>Waits until a query gives what is wanted; the database is the truth.</summary>
    public async Task UntilAsync(string query, Func<long, bool> wanted)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!wanted(await CountAsync(query)))
        {
            try
            {
                await Task.Delay(15, patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{query} is {await CountAsync(query)}\n{Logs}");
            }
        }
    }

    /// <summary>Whether run 1 is over.</summary>
    public async Task<bool> IsOverAsync() => await CountAsync(Over) == 1;

    /// <summary>Waits until so many shards are committed.</summary>
    public Task ShardsAsync(int least) => UntilAsync("select count(*) from work_items where kind = 'GenerateShard' and state = 'Completed'", count => count >= least);

    /// <summary>Waits until a worker is computing a shard.</summary>
    public Task ComputingAsync(Service worker) => UntilAsync(
        $"select count(*) from attempts a join work_items i on i.id = a.work_item_id where i.kind = 'GenerateShard' and a.worker = '{worker.Worker}' and a.outcome is null", count => count > 0);

    /// <summary>
    /// Attempts that a worker held when it was killed, which its death costs: the one at work, and those that waited beside it because each takes a moment. Counted when what it last said has
    /// been heard: a result may still be committed, a claim granted.
    /// </summary>
    public async Task<long> HeldAsync(Service killed)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        return await CountAsync($"select count(*) from attempts where worker = '{killed.Worker}' and (outcome is null or outcome = 'lost')");
    }

    /// <summary>Finds that a worker's death cost attempts that it held then and no other attempt of anybody.</summary>
    public async Task ShouldHaveCostAsync(Service dead, long held)
    {
        long lost = await CountAsync($"select count(*) from attempts where worker = '{dead.Worker}' and outcome = 'lost'");
        lost.ShouldBeInRange(1, held, Logs);
        (await CountAsync("select count(*) from attempts")).ShouldBe(await CountAsync("select count(*) from work_items") + lost, Logs);
    }

    /// <summary>A number from the database.</summary>
    public async Task<long> CountAsync(string query)
    {
        await using NpgsqlConnection connection = await ConnectAsync();
        await using NpgsqlCommand command = new(query, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), null);
    }

    /// <summary>Changes the database behind everybody's back.</summary>
    public async Task ExecuteAsync(string statement)
    {
        await using NpgsqlConnection connection = await ConnectAsync();
        await using NpgsqlCommand command = new(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A connection of the test's own.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(_database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Waits for the end of run 1, and finds the corpus of peace: the same digest, each sample once, each item committed once.</summary>
    public async Task ShouldEndAsInPeaceAsync(int coordinator = 0)
    {
        await UntilAsync(Over, count => count == 1);
        string shown = await CommandAsync(coordinator, "run", "show", "1");
        (await CountAsync("select count(*) from runs where state = 'Completed'")).ShouldBe(1, $"{shown}\n{Logs}");
        Peace.DigestIn(shown).ShouldBe(_peace.Digest);
        (await CountAsync("select count(*) from samples")).ShouldBe(Peace.Samples);
        (await CountAsync("select count(distinct key) from samples")).ShouldBe(Peace.Samples);
        (await CountAsync("select count(*) from work_items where kind = 'GenerateShard' and state = 'Completed'")).ShouldBe(Peace.Shards);
        (await CountAsync("select count(*) from (select work_item_id from attempts where outcome = 'committed' group by work_item_id having count(*) > 1) twice")).ShouldBe(0);
        (await CountAsync("select count(*) from attempts where outcome is null")).ShouldBe(0);
    }

    private string Logs => string.Join("\n=====\n", _services.Select(service => service.Log.Length > 6000 ? service.Log[^6000..] : service.Log));

    public ValueTask DisposeAsync()
    {
        foreach (Service service in _services) service.Dispose();
        return ValueTask.CompletedTask;
    }

    private Service Start(string program, params (string Name, string Value)[] settings)
    {
        Dictionary<string, string> environment = new(_settings);
        foreach ((string name, string value) in settings) environment[name] = value;
        Service service = Service.Start(program, environment);
        _services.Add(service);
        return service;
    }
}
