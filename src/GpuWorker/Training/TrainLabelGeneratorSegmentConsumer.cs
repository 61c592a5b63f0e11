using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Generation;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Training;

/// <summary>Trains a label-conditioned generator for one segment.</summary>
internal sealed class TrainLabelGeneratorSegmentConsumer(AttemptRunner runner, TorchDevice device, DatasetReader datasets, ScratchFiles scratch, IObjectStore objects)
    : IConsumer<TrainLabelGeneratorSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainLabelGeneratorSegment> context) =>
        runner.RunAsync(context.Message, TrainAsync, context.CancellationToken);

    private async Task<SegmentTrained> TrainAsync(TrainLabelGeneratorSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        LabelGeneratorTrainingOptions options = Options(segment);
        using OpenDataset images = await datasets.OpenAsync(segment.Dataset, Split.Train, options.Architecture.Size, cancellationToken);
        await using FileStream? resume = segment.Resume is { } checkpoint ? File.OpenRead(await scratch.FetchAsync(checkpoint, cancellationToken)) : null;
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(segment, options, images.Required, resume, staged.Stream, attempt), cancellationToken);
        return await trained.StoreAsync(objects, staged, attempt);
    }

    private TrainedSegment Train(
        TrainLabelGeneratorSegment segment, LabelGeneratorTrainingOptions options, ImageSet images, FileStream? resume, Stream checkpoint, AttemptContext attempt)
    {
        using LabelGeneratorTraining training = resume is null
            ? LabelGeneratorTraining.Start(options, images, device.Device)
            : LabelGeneratorTraining.Resume(resume, images, device.Device);
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        List<(int Step, byte[] Png)> previews = [];
        PreviewSteps.Advance(
            training.Step, Math.Min(segment.Steps, training.TotalSteps - training.Step), segment.PreviewSteps,
            (steps, done, all) => training.Run(steps, progress => attempt.Report(done(progress.Step), all, "steps", Note(options, progress)), attempt.CancellationToken),
            step => previews.Add((step, Grid(segment, training))));
        if (training.Finished) training.Export(checkpoint, Annotations(segment.Categories));
        else training.Save(checkpoint);
        return new(training.Finished, training.Step, Curves.Of(training.History, training.StepsPerRecord), segment.PreviewSteps is null ? null : previews);
    }

    private static byte[] Grid(TrainLabelGeneratorSegment segment, LabelGeneratorTraining training) => LabelGrid.Render(
        $"{segment.Order.Step}: after {training.Step} steps", segment.Categories, Enumerable.Range(0, segment.Categories.Count), 1, segment.Seed, training.Preview);

    private static LabelGeneratorTrainingOptions Options(TrainLabelGeneratorSegment segment) =>
        LabelGeneratorTrainingOptions.OfPreset(segment.Preset, segment.Categories.Count) with
        {
            Steps = segment.TotalSteps,
            Seed = segment.Seed,
            // Images come resized from the worker's own cache. The checkpoint records options, and its bytes must not depend on a worker's memory.
            CacheBytes = 0,
        };

    private static Dictionary<string, string> Annotations(CategoryList categories) => new()
    {
        [LoadedCheckpoints.BackgroundAnnotation] = categories.Background.ToString(CultureInfo.InvariantCulture),
        [LoadedCheckpoints.CategoriesAnnotation] = JsonSerializer.Serialize(categories.Names),
    };

    private static string Note(LabelGeneratorTrainingOptions options, TrainingProgress progress)
    {
        LabelPhase phase = options.PhaseOf(progress.Step - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{4 << phase.Level} px{(phase.Fading ? " fading in" : "")}, critic {progress.Losses["critic"]:0.00}, category {progress.Losses["category"]:0.00}");
    }
}
