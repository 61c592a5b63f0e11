using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using MassTransit;

namespace Factory.GpuWorker.Training;

/// <summary>Trains a generator for one segment.</summary>
internal sealed class TrainGeneratorSegmentConsumer(
    AttemptRunner runner, TorchDevice device, DatasetReader datasets, CamStore cams, ScratchFiles scratch, IObjectStore objects) : IConsumer<TrainGeneratorSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainGeneratorSegment> context) =>
        runner.RunAsync(context.Message, attempt => TrainAsync(context.Message, attempt), context.CancellationToken);

    private async Task<SegmentTrained> TrainAsync(TrainGeneratorSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        List<CamSource> sources = await JsonLines.ReadAsync<CamSource>(objects, segment.Sources, cancellationToken).ToListAsync(cancellationToken);
        await using FileStream? resume = segment.Resume is { } checkpoint ? File.OpenRead(await scratch.FetchAsync(checkpoint, cancellationToken)) : null;
        GeneratorTrainingOptions options = Options(segment);
        PairedSet pairs = new(sources.Count, index => (
            ConditionMap.FromCam(cams.Load(sources[index], segment.Classifier.Digest, segment.Categories.Count), segment.Categories.Background),
            datasets.LoadImage(sources[index].Image, options.Architecture.LoadSize)));
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(segment, options, pairs, resume, staged.Stream, attempt), cancellationToken);
        return await trained.StoreAsync(objects, staged, attempt);
    }

    private TrainedSegment Train(
        TrainGeneratorSegment segment, GeneratorTrainingOptions options, PairedSet pairs, FileStream? resume, Stream checkpoint, AttemptContext attempt)
    {
        using GeneratorTraining training = resume is null
            ? GeneratorTraining.Start(options, pairs, device.Device)
            : GeneratorTraining.Resume(resume, pairs, device.Device);
        using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
        int before = training.Step, steps = Math.Min(segment.Steps, training.TotalSteps - before);
        training.Run(segment.Steps, progress => attempt.Report(progress.Step - before, steps, "steps", Note(progress)), attempt.CancellationToken);
        if (training.Finished) training.Export(checkpoint, Annotations(segment));
        else training.Save(checkpoint);
        return new(training.Finished, training.Step, Curves.Of(training.History, options.StepsPerEpoch(pairs.Count)));
    }

    private static GeneratorTrainingOptions Options(TrainGeneratorSegment segment) => new()
    {
        Architecture = GeneratorPresets.Find(segment.Preset, segment.Categories.Count - 1),
        Steps = segment.TotalSteps,
        Seed = segment.Seed,
        // Images come resized from the worker's own cache. The checkpoint records options, and its bytes must not depend on a worker's memory.
        CacheBytes = 0,
    };

    private static Dictionary<string, string> Annotations(TrainGeneratorSegment segment) => new()
    {
        [LoadedCheckpoints.ClassifierAnnotation] = segment.Classifier.Digest.Hex,
        [LoadedCheckpoints.BackgroundAnnotation] = segment.Categories.Background.ToString(CultureInfo.InvariantCulture),
        [LoadedCheckpoints.CategoriesAnnotation] = JsonSerializer.Serialize(segment.Categories.Names),
    };

    private static string Note(TrainingProgress progress) =>
        string.Join(", ", progress.Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Key} {loss.Value:0.00}")));
}
