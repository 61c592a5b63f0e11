using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Recipes;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Bench;

/// <summary>A run whose CAMs are computed: what comes next is the plan of its corpus.</summary>
internal static class ReadyRun
{
    private const int Sources = 8000;
    private static readonly Sha256Digest Classifier = Sha256Digest.Of("classifier"u8);
    private static readonly Sha256Digest Generator = Sha256Digest.Of("generator"u8);

    /// <summary>Adds it to a database, which gets its schema first.</summary>
    public static async Task AddAsync(IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, int samples, int shardSize)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        await database.MigrateAsync(CancellationToken.None);
        string yaml = $"apiVersion: factory/v1\nname: bench\ncollection: bench\nmodality: cfp\nsteps:\n"
            + "  cams: { kind: ComputeCams, classifier: 'checkpoint:bench-classifier' }\n"
            + $"  corpus: {{ kind: Synthesize, generator: 'checkpoint:bench-generator', cams: cams, samples: {samples}, shardSize: {shardSize}, perSubject: {Math.Max(1000, samples / 1000)} }}\n";
        Recipe recipe = RecipeReader.Read(yaml, "bench.yaml");
        ObjectRef classifier = new() { Digest = Classifier, Bytes = 1, MediaType = MediaTypes.SafeTensors };
        StepOutput cams = new() { Classifier = classifier, Sources = await StoreSourcesAsync(objects) };
        database.Checkpoints.Add(new()
        {
            Name = "bench-generator",
            Digest = Generator,
            Bytes = 1,
            Kind = "generator",
            Architecture = "paper256",
            Categories = CategoryList.Amd,
            Size = 256,
            Classifier = Classifier,
        });
        Run run = new()
        {
            Name = recipe.Name,
            RecipeText = yaml,
            Recipe = recipe,
            RecipeDigest = RecipeDigest.Of(recipe),
            CollectionVersion = new()
            {
                Collection = new() { Name = "bench" },
                Version = 1,
                Categories = CategoryList.Amd,
                Preprocessing = new(),
                SplitBasis = "subject",
                Layout = "folders",
                Refused = [],
            },
            Numerics = new() { Device = "cpu", Threads = 1 },
            State = RunState.Running,
            Steps =
            [
                new() { Name = "cams", Kind = "ComputeCams", Ordinal = 0, State = StepState.Completed, PlanComplete = true, Output = cams },
                new() { Name = "corpus", Kind = "Synthesize", Ordinal = 1 },
                new() { Name = "report", Kind = "Report", Ordinal = 2 },
            ],
        };
        database.Runs.Add(run);
        await database.SaveChangesAsync();
        database.CollectionImages.AddRange(Images(run.CollectionVersionId));
        await database.SaveChangesAsync();
    }

    private static Task<ObjectRef> StoreSourcesAsync(IObjectStore objects)
    {
        using MemoryStream lines = new();
        for (int number = 0; number < Sources; number++)
        {
            JsonSerializer.Serialize(lines, new CamSource { Image = Image(number), Label = number / 4 % 4, Subject = number / 4, Block = Image(0), Row = number % 64 }, ContractJson.Options);
            lines.WriteByte((byte)'\n');
        }
        return objects.PutAsync(lines.ToArray(), MediaTypes.JsonLines, CancellationToken.None);
    }

    private static ObjectRef Image(int number) => new() { Digest = Sha256Digest.Of(BitConverter.GetBytes(number)), Bytes = 1, MediaType = MediaTypes.Png };

    private static IEnumerable<CollectionImage> Images(int version) => Enumerable.Range(0, Sources).Select(number => new CollectionImage
    {
        CollectionVersionId = version,
        Ordinal = number,
        Path = $"{number}.png",
        SourceDigest = Image(number).Digest,
        Digest = Image(number).Digest,
        Bytes = 1,
        Label = number / 4 % 4,
        Modality = Modality.Cfp,
        Split = Split.Train,
        SubjectNumber = number / 4,
    });
}
