using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Access;
using Factory.Coordinator.Audit;
using Factory.Coordinator.Runs;
using Factory.Hosting.Transport;
using Factory.Storage.Provenance;
using MassTransit;

namespace Factory.Coordinator.Samples;

/// <summary>HTTP endpoints of samples: what is behind one, and whether it can be made again.</summary>
internal static class SamplesApi
{
    private static readonly TimeSpan RegenerationTimeout = TimeSpan.FromMinutes(5);

    public static void MapSamples(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Sample, async (string key, Lineage lineage, CancellationToken cancellationToken) =>
            Explain(await FindAsync(lineage, key, cancellationToken))).RequireAuthorization(Rights.Read);
        routes.MapPost(Routes.SampleRegenerate, RegenerateAsync).RequireAuthorization(Rights.Run).Audited("sample.regenerate");
    }

    private static async Task<SampleOrigin> FindAsync(Lineage lineage, string key, CancellationToken cancellationToken) =>
        await lineage.BehindAsync(key, cancellationToken)
        ?? throw RefusedException.Missing($"no sample has the key '{key}'; keys are the file names in a shard, without extension.");

    private static SampleExplanation Explain(SampleOrigin origin)
    {
        (Sample sample, WorkItem item, Run run, CollectionImage? source, CollectionImage? partner) = origin;
        GenerateShard shard = (GenerateShard)WorkCommands.Restore(item);
        string collection = $"{run.CollectionVersion.Collection.Name}@{run.CollectionVersion.Version}";
        return new()
        {
            Key = sample.Key,
            Index = sample.Index,
            Category = shard.Synthesis.Categories.Names[sample.Label],
            Modality = shard.Synthesis.Modality,
            Source = source is null ? null : $"{collection}/{source.Ordinal}",
            SourceSubject = source is null ? null : $"{collection}/subject-{source.SubjectNumber}",
            SourceImage = source?.Digest,
            Partner = partner is null ? null : $"{collection}/{partner.Ordinal}",
            Manipulation = sample.Manipulation,
            Parameters = sample.Parameters,
            Seed = sample.Seed,
            Draw = sample.Draw,
            Scores = sample.Scores,
            Image = sample.Image,
            Generator = shard.Generator.Digest,
            Classifier = shard.Classifier?.Digest,
            Shard = item.Artifact!.Value,
            RunId = run.Id,
            Step = item.RunStep.Name,
            Recipe = run.RecipeDigest,
        };
    }

    private static async Task<SampleComparison> RegenerateAsync(
        string key, Lineage lineage, IClientFactory clients, CancellationToken cancellationToken)
    {
        (Sample sample, WorkItem item, _, _, _) = await FindAsync(lineage, key, cancellationToken);
        GenerateShard shard = (GenerateShard)WorkCommands.Restore(item);
        Uri queue = WorkCommands.AddressOf(typeof(RegenerateSample), shard.Order.Numerics.Device, RunPriority.Interactive);
        IRequestClient<RegenerateSample> client = clients.CreateRequestClient<RegenerateSample>(queue, RequestTimeout.After(ms: (int)RegenerationTimeout.TotalMilliseconds));
        Response<SampleRegenerated> response = await client.GetResponse<SampleRegenerated>(
            new RegenerateSample { Shard = shard, Index = sample.Index }, cancellationToken).AnsweredWithinAsync(RegenerationTimeout, TimeProvider.System, cancellationToken);
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
