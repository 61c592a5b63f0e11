using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Samples;

/// <summary>HTTP endpoints of samples: what is behind one, and whether it can be made again.</summary>
internal static class SamplesApi
{
    private static readonly TimeSpan RegenerationTimeout = TimeSpan.FromMinutes(5);

    public static void MapSamples(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Sample, async (string key, FactoryDbContext database, CancellationToken cancellationToken) =>
            await ExplainAsync(database, await FindAsync(database, key, cancellationToken), cancellationToken));
        routes.MapPost(Routes.SampleRegenerate, RegenerateAsync);
    }

    // The same recipe run twice gives the same keys; the latest run answers.
    private static async Task<(Sample Sample, WorkItem Item)> FindAsync(FactoryDbContext database, string key, CancellationToken cancellationToken)
    {
        Sample sample = await database.Samples.AsNoTracking().Where(candidate => candidate.Key == key)
            .OrderByDescending(candidate => candidate.WorkItemId).FirstOrDefaultAsync(cancellationToken)
            ?? throw RefusedException.Missing($"no sample has the key '{key}'; keys are the file names in a shard, without extension.");
        return (sample, await database.WorkItems.AsNoTracking().Include(item => item.RunStep).SingleAsync(item => item.Id == sample.WorkItemId, cancellationToken));
    }

    private static async Task<SampleExplanation> ExplainAsync(FactoryDbContext database, (Sample Sample, WorkItem Item) found, CancellationToken cancellationToken)
    {
        (Sample sample, WorkItem item) = found;
        GenerateShard shard = (GenerateShard)WorkCommands.Restore(item);
        Run run = await database.Runs.AsNoTracking().Include(candidate => candidate.CollectionVersion.Collection)
            .SingleAsync(candidate => candidate.Id == item.RunId, cancellationToken);
        CollectionImage source = await database.CollectionImages.AsNoTracking().SingleAsync(image => image.Id == sample.SourceImageId, cancellationToken);
        CollectionImage? partner = await database.CollectionImages.AsNoTracking().SingleOrDefaultAsync(image => image.Id == sample.PartnerImageId, cancellationToken);
        string collection = $"{run.CollectionVersion.Collection.Name}@{run.CollectionVersion.Version}";
        return new()
        {
            Key = sample.Key,
            Index = sample.Index,
            Category = shard.Synthesis.Categories.Names[sample.Label],
            Modality = shard.Synthesis.Modality,
            Source = $"{collection}/{source.Ordinal}",
            SourceSubject = $"{collection}/subject-{source.SubjectNumber}",
            SourceImage = source.Digest,
            Partner = partner is null ? null : $"{collection}/{partner.Ordinal}",
            Manipulation = sample.Manipulation,
            Parameters = sample.Parameters,
            Seed = sample.Seed,
            Draw = sample.Draw,
            Scores = sample.Scores,
            Image = sample.Image,
            Generator = shard.Generator.Digest,
            Classifier = shard.Classifier.Digest,
            Shard = item.Artifact!.Value,
            RunId = run.Id,
            Step = item.RunStep.Name,
            Recipe = run.RecipeDigest,
        };
    }

    private static async Task<SampleComparison> RegenerateAsync(
        string key, FactoryDbContext database, IClientFactory clients, CancellationToken cancellationToken)
    {
        (Sample sample, WorkItem item) = await FindAsync(database, key, cancellationToken);
        GenerateShard shard = (GenerateShard)WorkCommands.Restore(item);
        Uri queue = WorkCommands.AddressOf(typeof(RegenerateSample), shard.Order.Numerics.Device, RunPriority.Interactive);
        IRequestClient<RegenerateSample> client = clients.CreateRequestClient<RegenerateSample>(queue, RequestTimeout.After(ms: (int)RegenerationTimeout.TotalMilliseconds));
        Response<SampleRegenerated> response = await client.GetResponse<SampleRegenerated>(
            new RegenerateSample { Shard = shard, Index = sample.Index }, cancellationToken);
        return new()
        {
            Identical = response.Message.Image?.Digest == sample.Image,
            Stored = sample.Image,
            Image = response.Message.Image,
            ConditionBefore = response.Message.ConditionBefore,
            ConditionAfter = response.Message.ConditionAfter,
        };
    }
}
