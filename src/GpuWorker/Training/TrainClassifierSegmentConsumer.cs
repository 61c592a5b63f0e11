using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.Storage.Objects;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Training;

/// <summary>Trains a classifier for one segment.</summary>
internal sealed class TrainClassifierSegmentConsumer(
    AttemptRunner runner, TorchDevice device, DatasetReader datasets, IObjectStore objects, IOptions<ScratchOptions> scratch) : IConsumer<TrainClassifierSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainClassifierSegment> context) =>
        runner.RunAsync(context.Message, attempt => TrainAsync(context.Message, attempt));

    private async Task<SegmentTrained> TrainAsync(TrainClassifierSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        using OpenDataset train = await datasets.OpenAsync(segment.Dataset, Split.Train, cancellationToken);
        using OpenDataset validation = await datasets.OpenAsync(segment.Dataset, Split.Validation, cancellationToken);
        byte[]? resume = segment.Resume is { } checkpoint ? await objects.ReadAsync(checkpoint, cancellationToken) : null;
        byte[]? initial = segment.Initial is { } start && resume is null ? await objects.ReadAsync(start, cancellationToken) : null;
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(segment, train, validation, resume, initial, attempt), cancellationToken);
        return await trained.StoreAsync(objects, attempt.Attempt, cancellationToken);
    }

    private TrainedSegment Train(TrainClassifierSegment segment, OpenDataset train, OpenDataset validation, byte[]? resume, byte[]? initial, AttemptContext attempt)
    {
        using ClassifierTraining training = resume is not null
            ? ClassifierTraining.Resume(resume, train.Images, validation.Images, device.Device)
            : Start(segment.Training, train, validation, initial);
        int before = training.Step, steps = Math.Min(segment.Steps, training.TotalSteps - before);
        training.Run(
            segment.Steps,
            progress => attempt.Report(progress.Step - before, steps, "steps", string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch + 1}, loss {progress.Losses.Values.Sum():0.000}")),
            attempt.CancellationToken);
        Dictionary<string, string> annotations = new() { [LoadedCheckpoints.BackgroundAnnotation] = segment.Training.Categories.Background.ToString(CultureInfo.InvariantCulture) };
        return new(
            training.Finished ? training.Export(annotations) : training.Save(), training.Finished, training.Step,
            Curves.Of(training.History, segment.Training.DrawsPerEpoch, segment.Training.BatchSize));
    }

    private ClassifierTraining Start(ClassifierTrainingSpec spec, OpenDataset train, OpenDataset validation, byte[]? initial)
    {
        ClassifierTrainingOptions options = new()
        {
            Architecture = new() { Name = spec.Architecture, Width = spec.Width, OutputStride = spec.OutputStride, Categories = spec.Categories.Count, Size = spec.Size },
            CategoryNames = spec.Categories.Names,
            Epochs = spec.Epochs,
            DrawsPerEpoch = spec.DrawsPerEpoch,
            BatchSize = spec.BatchSize,
            LearningRate = spec.LearningRate,
            Augmentation = Enum.Parse<Augmentation>(spec.Augmentation, ignoreCase: true),
            Seed = spec.Seed,
            CacheBytes = scratch.Value.ImageCacheBytes,
        };
        if (initial is null) return ClassifierTraining.Start(options, train.Images, validation.Images, null, device.Device);
        using SafeTensorsFile weights = SafeTensors.Read(initial);
        return ClassifierTraining.Start(options, train.Images, validation.Images, weights.Tensors, device.Device);
    }
}
