using System.Diagnostics;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using MassTransit;

namespace Factory.GpuWorker.Generation;

/// <summary>
/// Generates a shard. While the device computes one batch, the next is prepared and the one before is encoded on the thread pool. Encoded samples of the
/// shard are held in memory until they can be written in order of key: at most 10,000, the largest shard a recipe may ask for.
/// </summary>
internal sealed class GenerateShardConsumer(
    AttemptRunner runner, ShardWorkshop workshop, IObjectStore objects) : IConsumer<GenerateShard>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<GenerateShard> context) =>
        runner.RunAsync(context.Message, GenerateAsync, context.CancellationToken);

    private async Task<ShardGenerated> GenerateAsync(GenerateShard command, AttemptContext attempt)
    {
        long started = Stopwatch.GetTimestamp();
        CancellationToken cancellationToken = attempt.CancellationToken;
        ShardGeneration generation = await workshop.OpenAsync(
            command, attempt.Phases, (done, total) => attempt.Report(0, command.Count, "samples", $"training images measured: {done} of {total}"), cancellationToken);
        List<EncodedSample> samples = await generation.RunAsync(done => attempt.Report(done, command.Count, "samples"), cancellationToken);
        ObjectRef shard = await attempt.UploadAsync(() => StoreShardAsync(samples, cancellationToken));
        ObjectRef provenance = await attempt.UploadAsync(() => StoreProvenanceAsync(samples, cancellationToken));
        return new()
        {
            Attempt = attempt.Attempt,
            Artifact = shard,
            Provenance = provenance,
            Counts = [.. Enumerable.Range(0, command.Synthesis.Categories.Count).Select(label => samples.Count(sample => sample.Record.Label == label))],
            Rejected = generation.Rejected,
            ForwardSeconds = generation.ForwardSeconds,
            WallSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    private async Task<ObjectRef> StoreShardAsync(List<EncodedSample> samples, CancellationToken cancellationToken)
    {
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        using (ShardWriter writer = new(staged.Stream))
        {
            foreach (EncodedSample sample in samples.OrderBy(sample => sample.Key, StringComparer.Ordinal)) writer.Add(sample.Key, sample.Members);
        }
        return await staged.CommitAsync(MediaTypes.Tar, cancellationToken);
    }

    private async Task<ObjectRef> StoreProvenanceAsync(List<EncodedSample> samples, CancellationToken cancellationToken)
    {
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        foreach (EncodedSample sample in samples.OrderBy(sample => sample.Record.Index))
        {
            await staged.Stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(sample.Record, ContractJson.Options), cancellationToken);
            staged.Stream.WriteByte((byte)'\n');
        }
        return await staged.CommitAsync(MediaTypes.JsonLines, cancellationToken);
    }
}
