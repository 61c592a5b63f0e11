using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Training;

/// <summary>Trains one replica of a classifier for one round, on its own part of the training images.</summary>
internal sealed class TrainReplicaSegmentConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, ScratchFiles scratch, IObjectStore objects)
    : IConsumer<TrainReplicaSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainReplicaSegment> context) =>
        runner.RunAsync(context.Message, TrainAsync, context.CancellationToken);

    private async Task<SegmentTrained> TrainAsync(TrainReplicaSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        if ((segment.Average is null) != (segment.Resume is null)) throw new PermanentWorkException("a replica goes on from the average and its own checkpoint, or from neither.");
        using OpenExamples train = await OpenExamples.OpenAsync(datasets, segment.Dataset, Split.Train, segment.Training, cancellationToken);
        await using FileStream? average = await scratch.OpenAsync(segment.Average, cancellationToken);
        await using FileStream? own = await scratch.OpenAsync(segment.Resume, cancellationToken);
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(segment, train.Required, average, own, staged.Stream, attempt), cancellationToken);
        return await trained.StoreAsync(objects, staged, attempt);
    }

    private TrainedSegment Train(TrainReplicaSegment segment, ExampleSet train, FileStream? average, FileStream? own, Stream checkpoint, AttemptContext attempt)
    {
        ClassifierTrainingSpec spec = segment.Training;
        ExampleSet part = train.Part(segment.Replica, segment.Rounds.Replicas, spec.Seed);
        using ClassifierReplica replica = average is not null
            ? ClassifierReplica.Resume(average, own!, part, device.Device)
            : ClassifierReplica.Start(ClassifierStart.Options(spec), part, segment.Replica, ClassifierStart.WeightsOf(checkpoints, segment.Initial, spec.Categories), device.Device);
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        string who = $"replica {segment.Replica + 1} of {segment.Rounds.Replicas}";
        replica.Run(segment.Steps, (done, loss) => attempt.Report(done, segment.Steps, "steps", string.Create(CultureInfo.InvariantCulture, $"{who}, loss {loss:0.000}")), attempt.CancellationToken);
        replica.Save(checkpoint);
        return new(Finished: false, replica.Step, new() { Series = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["crossEntropy"] = [new() { Step = replica.Step, Value = replica.Loss }] } });
    }
}
