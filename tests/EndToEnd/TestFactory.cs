using System.Formats.Tar;
using Factory.EndToEnd;
using Microsoft.Data.Sqlite;

[assembly: AssemblyFixture(typeof(TestFactory))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Factory.EndToEnd;

/// <summary>Phantoms, a data folder that has them as a collection, and on demand one whose run is completed. Tests work on copies.</summary>
public sealed class TestFactory : IAsyncLifetime
{
    /// <summary>The whole chain: 14 items, 48 samples, one thread, a few seconds of computing.</summary>
    public const string Recipe = """
        apiVersion: factory/v1
        name: tiny
        collection: eyes
        modality: cfp
        numerics: { device: cpu, threads: 1 }
        steps:
          classifier: { kind: TrainClassifier, width: 8, outputStride: 16, size: 64, epochs: 2, drawsPerEpoch: 80, batchSize: 8, augmentation: light, segmentSteps: 10 }
          cams: { kind: ComputeCams, classifier: classifier, blockSize: 8 }
          generator: { kind: TrainGenerator, cams: cams, preset: tiny64, steps: 30, segmentSteps: 10 }
          corpus: { kind: Synthesize, generator: generator, samples: 48, shardSize: 12, keepConditions: true }
          pretrained: { kind: Pretrain, corpus: corpus, width: 8, outputStride: 16, size: 64, epochs: 1, drawsPerEpoch: 80, batchSize: 8, augmentation: light, segmentSteps: 10 }
          scores: { kind: Evaluate, models: [classifier, pretrained] }
        """;

    /// <summary>Samples of the recipe's corpus.</summary>
    public const int Samples = 48;

    private readonly string _root = Directory.CreateTempSubdirectory("factory-end-to-end-").FullName;
    private readonly Lazy<Task<CompletedRun>> _completed;
    private int _folders;

    public TestFactory() => _completed = new(CompleteAsync);

    /// <summary>A data folder with the collection <c>eyes</c> and no run. Not to be written.</summary>
    public string Imported => Path.Combine(_root, "imported");

    /// <summary>The phantoms. Not to be written.</summary>
    public string Phantoms => Path.Combine(_root, "phantoms");

    /// <summary>A data folder whose only run was never disturbed, and its exported corpus. Not to be written.</summary>
    public Task<CompletedRun> Completed => _completed.Value;

    public async ValueTask InitializeAsync()
    {
        await FactoryProcess.SucceedAsync(Imported, "phantom", Phantoms, "--subjects", "16", "--size", "64");
        await FactoryProcess.SucceedAsync(Imported, "collection", "import", Phantoms, "--name", "eyes", "--validation", "0.25", "--test", "0.25");
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A new empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"folder-{Interlocked.Increment(ref _folders)}")).FullName;

    /// <summary>A copy of a folder, to write to.</summary>
    public string CopyOf(string folder)
    {
        string copy = NewFolder();
        foreach (string source in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(folder, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }
        return copy;
    }

    /// <summary>Writes a recipe file.</summary>
    public string RecipeFile(string yaml = Recipe)
    {
        string path = Path.Combine(NewFolder(), "recipe.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    /// <summary>A copy of the imported data folder in which the recipe is submitted as run 1.</summary>
    public async Task<string> SubmittedAsync()
    {
        string data = CopyOf(Imported);
        await FactoryProcess.SucceedAsync(data, "run", "submit", RecipeFile());
        return data;
    }

    /// <summary>A number from a data folder's database.</summary>
    public static long Count(string data, string query)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(data, "factory.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Names of the members of a corpus's first shard.</summary>
    public static List<string> Members(string corpus)
    {
        using FileStream stream = File.OpenRead(Directory.EnumerateFiles(corpus, "*.tar").Order(StringComparer.Ordinal).First());
        using TarReader reader = new(stream);
        List<string> names = [];
        while (reader.GetNextEntry() is { } entry) names.Add(entry.Name);
        return names;
    }

    private async Task<CompletedRun> CompleteAsync()
    {
        string data = await SubmittedAsync(), corpus = NewFolder();
        await FactoryProcess.SucceedAsync(data, "run", "watch", "1");
        Outcome exported = await FactoryProcess.SucceedAsync(data, "corpus", "export", "1", corpus);
        return new(data, corpus, exported.Output[^1]);
    }
}

/// <summary>An undisturbed run.</summary>
/// <param name="Data">Its data folder.</param>
/// <param name="Corpus">The folder its corpus was exported to.</param>
/// <param name="Summary">What export said of it: counts and digest.</param>
public sealed record CompletedRun(string Data, string Corpus, string Summary);
