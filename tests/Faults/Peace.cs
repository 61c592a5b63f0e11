using System.Text.RegularExpressions;
using Factory.Faults;
using Factory.Tests.Servers;

[assembly: AssemblyFixture(typeof(Peace))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Factory.Faults;

/// <summary>What the corpus is when nothing happens: made once, embedded, from the same phantoms, checkpoints and recipe that every test uses; and servers to disturb.</summary>
public sealed partial class Peace : IAsyncLifetime
{
    /// <summary>Samples of the corpus.</summary>
    public const int Samples = 240;

    /// <summary>Shards of the corpus.</summary>
    public const int Shards = 12;

    private const string Checkpoints = """
        apiVersion: factory/v1
        name: eyes
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          classifier: { kind: TrainClassifier, width: 8, outputStride: 16, size: 64, epochs: 2, drawsPerEpoch: 80, batchSize: 8, augmentation: light }
          cams: { kind: ComputeCams, classifier: classifier }
          generator: { kind: TrainGenerator, cams: cams, preset: tiny64, steps: 20 }
        """;

    private const string Corpus = """
        apiVersion: factory/v1
        name: corpus
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          cams: { kind: ComputeCams, classifier: "checkpoint:classifier", blockSize: 8 }
          corpus: { kind: Synthesize, generator: "checkpoint:generator", cams: cams, samples: 240, shardSize: 20, batchSize: 4 }
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("factory-faults-").FullName;
    private readonly Lazy<Task<PostgresServer>> _postgres = new(PostgresServer.StartNewAsync);
    private readonly Lazy<Task<RabbitMqServer>> _rabbit = new(RabbitMqServer.StartNewAsync);
    private readonly Lazy<Task<S3Server>> _s3 = new(S3Server.StartNewAsync);
    private readonly Lazy<Task> _made;
    private readonly Lazy<Task<Template>> _template;
    private int _folders;

    public Peace() => (_made, _template) = (new(MakeOnceAsync), new(() => DistributedFactory.PrepareAsync(this)));

    internal Task<PostgresServer> PostgresAsync() => _postgres.Value;

    internal Task<RabbitMqServer> RabbitMqAsync() => _rabbit.Value;

    internal Task<S3Server> S3Async() => _s3.Value;

    internal Task<Template> TemplateAsync() => _template.Value;

    /// <summary>Digest of the undisturbed corpus.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>The recipe.</summary>
    public string Recipe => Path.Combine(_root, "corpus.yaml");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes it, once, for the first test that needs it.</summary>
    public Task MakeAsync() => _made.Value;

    private async Task MakeOnceAsync()
    {
        await File.WriteAllTextAsync(Recipe, Corpus);
        string data = NewFolder(), recipe = Path.Combine(_root, "checkpoints.yaml");
        await File.WriteAllTextAsync(recipe, Checkpoints);
        await EmbeddedAsync(data, "phantom", Path.Combine(_root, "phantoms"), "--subjects", "16", "--size", "64");
        await EmbeddedAsync(data, Preparation[0]);
        await EmbeddedAsync(data, "run", "submit", recipe, "--watch");
        foreach (string kind in new[] { "classifier", "generator" }) await EmbeddedAsync(data, "checkpoint", "export", $"eyes-1-{kind}", Path.Combine(_root, kind + ".safetensors"));
        foreach (string[] command in Preparation.Skip(1)) await EmbeddedAsync(data, command);
        await EmbeddedAsync(data, "run", "submit", Recipe, "--watch");
        Digest = DigestIn(await EmbeddedAsync(data, "run", "show", "2"));
    }

    /// <summary>The commands that bring collection and checkpoints into a factory.</summary>
    public IReadOnlyList<string[]> Preparation =>
    [
        ["collection", "import", Path.Combine(_root, "phantoms"), "--name", "eyes"],
        ["checkpoint", "import", Path.Combine(_root, "classifier.safetensors"), "--name", "classifier"],
        ["checkpoint", "import", Path.Combine(_root, "generator.safetensors"), "--name", "generator"],
    ];

    /// <summary>A new empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"folder-{Interlocked.Increment(ref _folders)}")).FullName;

    /// <summary>The corpus digest in what <c>run show</c> says.</summary>
    public static string DigestIn(string shown)
    {
        Match digest = CorpusDigest().Match(shown);
        digest.Success.ShouldBeTrue(shown);
        return digest.Groups[1].Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _postgres.Value).DisposeAsync();
        if (_rabbit is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _rabbit.Value).DisposeAsync();
        if (_s3 is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _s3.Value).DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static async Task<string> EmbeddedAsync(string data, params string[] arguments)
    {
        using Service command = Service.Start("factory", new Dictionary<string, string>(), [.. arguments, "--data", data]);
        (await command.EndAsync(ask: false)).ShouldBe(0, command.Log);
        return command.Log;
    }

    [GeneratedRegex("corpus ([0-9a-f]{64})")]
    private static partial Regex CorpusDigest();
}
