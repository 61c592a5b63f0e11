using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using MassTransit;

namespace Factory.GpuWorker.Generation;

/// <summary>Makes one sample again, for whoever asks. No work item: nothing is claimed or committed.</summary>
internal sealed class RegenerateSampleConsumer(
    AttemptRunner runner, ShardWorkshop workshop, IObjectStore objects, TimeProvider time) : IConsumer<RegenerateSample>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RegenerateSample> context)
    {
        Task<SampleRegenerated> answer = runner.BorrowDeviceAsync(() => RegenerateAsync(context.Message, context.CancellationToken), context.CancellationToken);
        // A connection that is lost must not wait for the device.
        await context.RespondAsync(await answer.WaitAsync(context.CancellationToken));
    }

    private async Task<SampleRegenerated> RegenerateAsync(RegenerateSample question, CancellationToken cancellationToken)
    {
        ShardGeneration generation = await workshop.OpenAsync(question.Shard, new(time), (_, _) => { }, cancellationToken);
        (EncodedSample? sample, PreparedSample prepared) = await generation.RunOneAsync(question.Index, cancellationToken);
        return new()
        {
            Image = sample is null ? null : await objects.PutAsync(sample.Members.Single(member => member.Extension == "png").Content, MediaTypes.Png, cancellationToken),
            ConditionBefore = await StoreAsync(generation.Original(prepared), cancellationToken),
            ConditionAfter = await StoreAsync(prepared.Condition, cancellationToken),
        };
    }

    private async Task<ObjectRef?> StoreAsync(ConditionMap? map, CancellationToken cancellationToken) => map is null
        ? null
        : await objects.PutAsync(ImageEncoder.EncodePlanesPng(map.Values, map.Channels, map.Height, map.Width), MediaTypes.Png, cancellationToken);
}
