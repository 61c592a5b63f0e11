using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Runs.Attempts;

/// <summary>Commits segments of training.</summary>
internal sealed class SegmentTrainedConsumer(ItemCommit commit) : IConsumer<SegmentTrained>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<SegmentTrained> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message,
        [context.Message.Artifact, context.Message.Curve, .. context.Message.Previews?.Select(preview => preview.Grid) ?? []], null, context.CancellationToken);
}

/// <summary>Commits CAM blocks, and remembers where each CAM is.</summary>
internal sealed class CamBlockComputedConsumer(ItemCommit commit) : IConsumer<CamBlockComputed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CamBlockComputed> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [context.Message.Artifact],
        (database, item, cancellationToken) => RememberAsync(database, item, context.Message.Artifact, cancellationToken), context.CancellationToken);

    private static async Task RememberAsync(FactoryDbContext database, WorkItem item, ObjectRef block, CancellationToken cancellationToken)
    {
        ComputeCamBlock command = (ComputeCamBlock)WorkCommands.Restore(item);
        Sha256Digest classifier = command.Classifier.Digest;
        List<Sha256Digest> images = [.. command.Images.Select(image => image.Digest)];
        int projectId = await database.Runs.Where(run => run.Id == item.RunId).Select(run => run.ProjectId).SingleAsync(cancellationToken);
        // Another run of the project may have computed the same CAM meanwhile; the first one stays.
        HashSet<Sha256Digest> known = await database.CamRows
            .Where(row => row.ProjectId == projectId && row.Classifier == classifier && images.Contains(row.Image)).Select(row => row.Image).ToHashSetAsync(cancellationToken);
        for (int row = 0; row < images.Count; row++)
        {
            if (!known.Add(images[row])) continue;
            database.CamRows.Add(new()
            {
                ProjectId = projectId,
                Classifier = classifier,
                Image = images[row],
                Block = block.Digest,
                BlockBytes = block.Bytes,
                Row = row,
                WorkItemId = item.Id,
            });
        }
    }
}

/// <summary>Commits shards, and the provenance of every sample in them.</summary>
internal sealed class ShardGeneratedConsumer(ItemCommit commit, IObjectStore objects, SourceImages sources, ISampleWriter writer) : IConsumer<ShardGenerated>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ShardGenerated> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [context.Message.Artifact, context.Message.Provenance],
        IsEmpty(context.Message) ? null : (database, item, cancellationToken) => RememberAsync(database, item, context.Message, cancellationToken), context.CancellationToken);

    // Every sample of it was rejected: there is none to remember.
    private static bool IsEmpty(ShardGenerated shard) => shard.Provenance.Bytes == 0 && shard.Counts.Sum() == 0;

    private async Task RememberAsync(FactoryDbContext database, WorkItem item, ShardGenerated shard, CancellationToken cancellationToken)
    {
        GenerateShard command = (GenerateShard)WorkCommands.Restore(item);
        IReadOnlyList<long> images = command.Sources is { } list ? await sources.OfAsync(database, item.RunId, command.Synthesis.Modality, list, cancellationToken) : [];
        IAsyncEnumerable<Sample> samples = JsonLines.ReadAsync<SampleRecord>(objects, shard.Provenance, cancellationToken).Select(record => ToSample(item.Id, record, images));
        long written = await writer.WriteAsync(database, samples, cancellationToken);
        if (written != shard.Counts.Sum())
        {
            throw new InvalidDataException($"the shard reports {shard.Counts.Sum()} samples, its provenance has {written}.");
        }
    }

    private static Sample ToSample(long itemId, SampleRecord record, IReadOnlyList<long> images) => new()
    {
        WorkItemId = itemId,
        Index = record.Index,
        Key = record.Key,
        Label = record.Label,
        SourceImageId = ImageOf(record.Source, images),
        PartnerImageId = ImageOf(record.Partner, images),
        Manipulation = record.Manipulation,
        Parameters = record.Parameters,
        Seed = record.Seed,
        Draw = record.Draw,
        Image = record.Image,
        Scores = record.Scores,
    };

    private static long? ImageOf(int? number, IReadOnlyList<long> images) => number is not { } source ? null : source >= 0 && source < images.Count
        ? images[source]
        : throw new InvalidDataException($"a sample names source {source}, but its sources are {images.Count}.");
}

/// <summary>Commits contact sheets.</summary>
internal sealed class ContactSheetRenderedConsumer(ItemCommit commit) : IConsumer<ContactSheetRendered>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContactSheetRendered> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [context.Message.Artifact], null, context.CancellationToken);
}

/// <summary>Commits comparisons of corpora with real images.</summary>
internal sealed class CorpusMeasuredConsumer(ItemCommit commit) : IConsumer<CorpusMeasured>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CorpusMeasured> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [context.Message.Artifact], null, context.CancellationToken);
}

/// <summary>Commits evaluations.</summary>
internal sealed class ModelsEvaluatedConsumer(ItemCommit commit) : IConsumer<ModelsEvaluated>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ModelsEvaluated> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [.. new[] { context.Message.Artifact, context.Message.Predictions, context.Message.ContactSheet }.OfType<ObjectRef>()], null, context.CancellationToken);
}

/// <summary>Commits reports.</summary>
internal sealed class ReportRenderedConsumer(ItemCommit commit) : IConsumer<ReportRendered>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ReportRendered> context) => commit.CommitAsync(
        context.Message.Attempt, context.Message, [context.Message.Artifact, context.Message.Markdown], null, context.CancellationToken);
}
