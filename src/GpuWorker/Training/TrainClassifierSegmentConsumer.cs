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

/// <summary>Trains a classifier for one segment.</summary>
internal sealed class TrainClassifierSegmentConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, ScratchFiles scratch, IObjectStore objects)
    : IConsumer<TrainClassifierSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainClassifierSegment> context) =>
        runner.RunAsync(context.Message, TrainAsync, context.CancellationToken);

    private async Task<SegmentTrained> TrainAsync(TrainClassifierSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        using OpenExamples train = await OpenExamples.OpenAsync(datasets, segment.Dataset, Split.Train, segment.Training, cancellationToken);
        using OpenExamples validation = await OpenExamples.OpenAsync(datasets, segment.Dataset, Split.Validation, segment.Training, cancellationToken);
        await using FileStream? resume = await scratch.OpenAsync(segment.Resume, cancellationToken);
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        TrainedSegment trained = await device.RunAsync(
            segment.Order.Numerics, () => Train(segment, train.Required, validation.Set, resume, staged.Stream, attempt), cancellationToken);
        return await trained.StoreAsync(objects, staged, attempt);
    }

    private TrainedSegment Train(TrainClassifierSegment segment, ExampleSet train, ExampleSet? validation, FileStream? resume, Stream checkpoint, AttemptContext attempt)
    {
        using ClassifierTraining training = resume is not null
            ? ClassifierTraining.Resume(resume, train, validation, device.Device)
            : Start(segment, train, validation);
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        int before = training.Step, steps = Math.Min(segment.Steps, training.TotalSteps - before);
        training.Run(
            segment.Steps,
            progress => attempt.Report(progress.Step - before, steps, "steps", string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch + 1}, loss {progress.Losses.Values.Sum():0.000}")),
            attempt.CancellationToken);
        if (training.Finished) training.Export(checkpoint, ClassifierStart.Annotations(segment.Training.Categories));
        else training.Save(checkpoint);
        return new(training.Finished, training.Step, Curves.Of(training.History, segment.Training.DrawsPerEpoch, segment.Training.BatchSize));
    }

    private ClassifierTraining Start(TrainClassifierSegment segment, ExampleSet train, ExampleSet? validation) => ClassifierTraining.Start(
        ClassifierStart.Options(segment.Training), train, validation, ClassifierStart.WeightsOf(checkpoints, segment.Initial, segment.Training.Categories), device.Device);
}
