using System.Globalization;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Training;

/// <summary>Averages what the replicas of a round left, and judges the average where the round ended an epoch.</summary>
internal sealed class AverageCheckpointsConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, ScratchFiles scratch, IObjectStore objects)
    : IConsumer<AverageCheckpoints>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AverageCheckpoints> context) =>
        runner.RunAsync(context.Message, AverageAsync, context.CancellationToken);

    private async Task<SegmentTrained> AverageAsync(AverageCheckpoints round, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        using OpenExamples train = await OpenExamples.OpenAsync(datasets, round.Dataset, Split.Train, round.Training, cancellationToken);
        using OpenExamples validation = await OpenExamples.OpenAsync(datasets, round.Dataset, Split.Validation, round.Training, cancellationToken);
        await using FileStream? resume = await scratch.OpenAsync(round.Resume, cancellationToken);
        List<FileStream> replicas = [];
        try
        {
            foreach (ObjectRef replica in round.Replicas) replicas.Add((await scratch.OpenAsync(replica, cancellationToken))!);
            await using StagedObject staged = await objects.StageAsync(cancellationToken);
            TrainedSegment averaged = await device.RunAsync(
                round.Order.Numerics, () => Average(round, train.Required, validation.Set, resume, replicas, staged.Stream, attempt), cancellationToken);
            return await averaged.StoreAsync(objects, staged, attempt);
        }
        finally
        {
            foreach (FileStream replica in replicas) await replica.DisposeAsync();
        }
    }

    private TrainedSegment Average(
        AverageCheckpoints round, ExampleSet train, ExampleSet? validation, FileStream? resume, IReadOnlyList<Stream> replicas, Stream checkpoint, AttemptContext attempt)
    {
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        // Steps are the replicas' to count.
        attempt.Report(0, 0, "steps", string.Create(CultureInfo.InvariantCulture, $"averaging {replicas.Count} replicas"));
        using ClassifierAveraging averaging = resume is not null
            ? ClassifierAveraging.Resume(resume, train, validation, device.Device)
            : ClassifierAveraging.Start(
                ClassifierStart.Options(round.Training), OuterOf(round.Rounds), train, validation, ClassifierStart.WeightsOf(checkpoints, round.Initial, round.Training.Categories), device.Device);
        averaging.Average(replicas);
        if (averaging.Finished) averaging.Export(checkpoint, ClassifierStart.Annotations(round.Training.Categories));
        else averaging.Save(checkpoint);
        return new(averaging.Finished, averaging.Step, Curves.Of(averaging.History, averaging.Rounds, round.Training.DrawsPerEpoch, round.Training.BatchSize));
    }

    private static OuterStep? OuterOf(TrainingRounds rounds) => rounds.Averaging switch
    {
        RoundAveraging.Plain => null,
        RoundAveraging.Nesterov when rounds is { OuterLearningRate: { } rate, OuterMomentum: { } momentum } => new(rate, momentum),
        RoundAveraging.Nesterov => throw new PermanentWorkException("averaging Nesterov comes without its learning rate or momentum."),
        _ => throw new PermanentWorkException($"averaging {rounds.Averaging} is not known to this worker; update it."),
    };
}
