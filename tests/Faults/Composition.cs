using System.Diagnostics;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Tests.Servers;

namespace Factory.Faults;

/// <summary>The factory of deploy/compose, in containers on networks of its own: two coordinators and two workers. It is used from outside, by way of the API.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private const string Key = "a-key-for-the-composition", Password = "a-password", Requires = "compose";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // A dead worker is missed sooner than in earnest; numbers are those of the undisturbed corpus.
    private const string Impatient = """
        services:
          coordinator:
            environment: { Runs__Lease: "00:00:06", Runs__InvitationTimeout: "00:00:30", Runs__AttemptLimit: "20" }
        """;

    private readonly string[] _compose;
    private readonly string _project = $"factory-e2e-{Environment.ProcessId}";
    private readonly HttpClient _client = new() { DefaultRequestHeaders = { Authorization = new("Bearer", Key) } };

    private Composition(string[] compose) => _compose = compose;

    /// <summary>Starts it and waits until its coordinators are ready; skips the test where there is no compose or no image of the services.</summary>
    public static async Task<Composition> StartAsync(Peace peace)
    {
        string[] compose = await FindComposeAsync() ?? throw Missing("neither 'docker compose' nor 'docker-compose' answers");
        string? unnamed = new[] { "COORDINATOR", "WORKER", "POSTGRES", "RABBITMQ", "S3" }.FirstOrDefault(image => ImageOf(image) is null);
        if (unnamed is not null) throw Missing($"FACTORY_TEST_IMAGE_{unnamed} names no image; deploy/offline/build.sh makes them");
        await peace.MakeAsync();
        string folder = peace.NewFolder(), settings = Path.Combine(folder, "env"), impatient = Path.Combine(folder, "impatient.yaml");
        await File.WriteAllTextAsync(settings, $"""
            COORDINATOR_IMAGE={ImageOf("COORDINATOR")}
            WORKER_IMAGE={ImageOf("WORKER")}
            POSTGRES_IMAGE={ImageOf("POSTGRES")}
            RABBITMQ_IMAGE={ImageOf("RABBITMQ")}
            S3_IMAGE={ImageOf("S3")}
            API_KEY={Key}
            API_PORT=0
            POSTGRES_PASSWORD={Password}
            RABBITMQ_PASSWORD={Password}
            S3_ACCESS_KEY=factory
            S3_SECRET_KEY={Password}

            """);
        await File.WriteAllTextAsync(impatient, Impatient);
        Composition composition = new([.. compose, "--env-file", settings, "-f", Path.Combine(Root(), "deploy", "compose", "compose.yaml"), "-f", impatient]);
        try
        {
            await composition.ComposeAsync("up", "--detach", "--scale", "coordinator=2", "--scale", "worker=2");
            await composition.UntilAsync("both coordinators are ready", async () => await composition.IsReadyAsync(1) && await composition.IsReadyAsync(2));
            return composition;
        }
        catch
        {
            await composition.DisposeAsync();
            throw;
        }
    }

    /// <summary>A container by service and number, counted from 1.</summary>
    public async Task<string> ContainerAsync(string service, int number) => (await DockerAsync(
        "ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.project={_project}", "--filter", $"label=com.docker.compose.service={service}", "--filter", $"label=com.docker.compose.container-number={number}")).Trim();

    /// <summary>Name of the network that the services share.</summary>
    public string WorkNetwork => $"{_project}_work";

    /// <summary>Runs <c>docker</c> and expects it to succeed.</summary>
    public static Task<string> DockerAsync(params string[] arguments) => RunAsync(["docker", .. arguments]);

    /// <summary>Runs the <c>factory</c> command of this machine against a coordinator.</summary>
    public async Task<string> CommandAsync(int coordinator, params string[] arguments)
    {
        using Service command = Service.Start("factory", new Dictionary<string, string> { ["FACTORY_URL"] = (await UrlAsync(coordinator)).ToString(), ["FACTORY_API_KEY"] = Key }, arguments);
        (await command.EndAsync(ask: false)).ShouldBe(0, $"factory {string.Join(' ', arguments)}: {command.Log}");
        return command.Log;
    }

    /// <summary>Waits until run 1 is as wanted, as a coordinator tells it.</summary>
    public Task UntilRunAsync(int coordinator, Func<RunSnapshot, bool> wanted) => UntilAsync("run 1", async () =>
    {
        RunSnapshot? run = await _client.GetFromJsonAsync<RunSnapshot>(new Uri(await UrlAsync(coordinator), "/api/runs/1"), ContractJson.Options);
        run!.Poisoned.ShouldBeEmpty();
        return wanted(run);
    });

    /// <summary>The status of an answer to who shows no key.</summary>
    public async Task<int> StatusWithoutKeyAsync(int coordinator, string path)
    {
        using HttpClient stranger = new();
        using HttpResponseMessage answer = await stranger.GetAsync(new Uri(await UrlAsync(coordinator), path));
        return (int)answer.StatusCode;
    }

    /// <summary>A number from the database, asked within its container.</summary>
    public async Task<long> CountAsync(string query) => long.Parse(await DockerAsync(
        "exec", "--env", $"PGPASSWORD={Password}", await ContainerAsync("postgres", 1), "psql", "-h", "127.0.0.1", "-U", "factory", "-tAc", query), null);

    /// <summary>Waits for what a question answers.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> wanted)
    {
        Stopwatch since = Stopwatch.StartNew();
        while (!await wanted())
        {
            if (since.Elapsed > Patience) throw new TimeoutException($"{what} is not as wanted after {since.Elapsed.TotalSeconds:F0} s:\n{await ComposeAsync("logs", "--no-color", "--tail", "60")}");
            await Task.Delay(200);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await ComposeAsync("kill");
        await ComposeAsync("down", "--volumes", "--timeout", "1");
    }

    private async Task<Uri> UrlAsync(int coordinator) => new($"http://{(await DockerAsync("port", await ContainerAsync("coordinator", coordinator), "5080/tcp")).Split('\n')[0].Trim()}");

    private async Task<bool> IsReadyAsync(int coordinator)
    {
        try
        {
            return await StatusWithoutKeyAsync(coordinator, Routes.Ready) == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Task<string> ComposeAsync(params string[] arguments) => RunAsync([.. _compose, "--project-name", _project, .. arguments]);

    private static async Task<string[]?> FindComposeAsync()
    {
        foreach (string[] command in new[] { (string[])["docker", "compose"], ["docker-compose"] })
        {
            try
            {
                await RunAsync([.. command, "version"]);
                return command;
            }
            catch (Exception absent) when (absent is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                continue;
            }
        }
        return null;
    }

    private static Exception Missing(string reason)
    {
        if (Requirement.Names(Requires)) Assert.Fail($"{Requirement.Variable} wants {Requires}: {reason}");
        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }

    private static string? ImageOf(string image) => Environment.GetEnvironmentVariable($"FACTORY_TEST_IMAGE_{image}") is { Length: > 0 } named ? named : null;

    private static async Task<string> RunAsync(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{string.Join(' ', command)}: {await output}\n{await errors}");
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Factory.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Factory.sln.");
    }
}
