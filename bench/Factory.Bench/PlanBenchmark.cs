using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator;
using Factory.Coordinator.Recipes;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Factory.Bench;

/// <summary>A coordinator of its own planning a large corpus, on SQLite, without a worker: seconds, and the peak of the process's memory.</summary>
internal static class PlanBenchmark
{
    private const int Sources = 8000;
    private const double SecondsTarget = 30, MegabytesTarget = 400;
    private static readonly Sha256Digest Classifier = Sha256Digest.Of("classifier"u8);
    private static readonly Sha256Digest Generator = Sha256Digest.Of("generator"u8);

    public static Task<int> RunAsync(int samples) => Measure.InFolderAsync(async folder =>
    {
        await using WebApplication host = Build(folder);
        IDbContextFactory<FactoryDbContext> databases = host.Services.GetRequiredService<IDbContextFactory<FactoryDbContext>>();
        await SeedAsync(databases, host.Services.GetRequiredService<IObjectStore>(), samples);
        double before = Measure.Megabytes("VmRSS");
        await host.StartAsync();
        (double seconds, long items) = await WatchAsync(databases);
        double peak = Measure.Megabytes("VmHWM");
        await host.StopAsync();
        Measure.Print($"plan: {samples} samples as {items} items in {seconds:F2} s (target {SecondsTarget}); peak {peak:F0} MB, {before:F0} MB before (target {MegabytesTarget})");
        return seconds < SecondsTarget && peak < MegabytesTarget ? 0 : 1;
    });

    private static WebApplication Build(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Error).AddFilter("MassTransit", LogLevel.None);
        builder.Configuration["Database:ConnectionString"] = $"Data Source={Path.Combine(folder, "factory.db")}";
        builder.Services.AddFactoryDatabase(builder.Configuration);
        builder.Services.AddSingleton<IObjectStore>(new FileSystemObjectStore(folder));
        builder.Services.AddCoordinator(builder.Configuration).AddDispatcher();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddCoordinatorConsumers();
            bus.UsingInMemory((context, transport) => transport.ConfigureEndpoints(context));
        });
        return builder.Build();
    }

    // A run whose CAMs are computed: what comes next is the plan of the corpus.
    private static async Task SeedAsync(IDbContextFactory<FactoryDbContext> databases, IObjectStore objects, int samples)
    {
        await using FactoryDbContext database = await databases.CreateDbContextAsync();
        await database.MigrateAsync(CancellationToken.None);
        string yaml = $"apiVersion: factory/v1\nname: bench\ncollection: bench\nmodality: cfp\nsteps:\n"
            + "  cams: { kind: ComputeCams, classifier: 'checkpoint:bench-classifier' }\n"
            + $"  corpus: {{ kind: Synthesize, generator: 'checkpoint:bench-generator', cams: cams, samples: {samples}, perSubject: 1000 }}\n";
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
        database.Runs.Add(new()
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
        });
        await database.SaveChangesAsync();
    }

    private static Task<ObjectRef> StoreSourcesAsync(IObjectStore objects)
    {
        ObjectRef image = new() { Digest = Classifier, Bytes = 1, MediaType = MediaTypes.Png };
        using MemoryStream lines = new();
        for (int number = 0; number < Sources; number++)
        {
            JsonSerializer.Serialize(lines, new CamSource { Image = image, Label = number / 4 % 4, Subject = number / 4, Block = image, Row = number % 64 }, ContractJson.Options);
            lines.WriteByte((byte)'\n');
        }
        return objects.PutAsync(lines.ToArray(), MediaTypes.JsonLines, CancellationToken.None);
    }

    private static async Task<(double Seconds, long Items)> WatchAsync(IDbContextFactory<FactoryDbContext> databases)
    {
        while (true)
        {
            await Task.Delay(20);
            await using FactoryDbContext database = await databases.CreateDbContextAsync();
            RunStep step = await database.RunSteps.AsNoTracking().SingleAsync(step => step.Name == "corpus");
            if (step.State == StepState.Faulted) throw new InvalidOperationException(step.Error);
            if (!step.PlanComplete) continue;
            double seconds = (TimeProvider.System.GetUtcNow().UtcDateTime - step.StartedAt!.Value).TotalSeconds;
            return (seconds, await database.WorkItems.LongCountAsync(item => item.RunStepId == step.Id));
        }
    }
}
