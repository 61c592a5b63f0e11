using System.Globalization;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.Storage.Objects;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Factory.GpuWorker.Training;

/// <summary>Trains a generator for one segment.</summary>
internal sealed class TrainGeneratorSegmentConsumer(
    AttemptRunner runner, TorchDevice device, DatasetReader datasets, CamStore cams, IObjectStore objects, IOptions<ScratchOptions> scratch)
    : IConsumer<TrainGeneratorSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainGeneratorSegment> context) =>
        runner.RunAsync(context.Message, attempt => TrainAsync(context.Message, attempt));

    private async Task<SegmentTrained> TrainAsync(TrainGeneratorSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        List<CamSource> sources = await JsonLines.ReadAsync<CamSource>(objects, segment.Sources, cancellationToken).ToListAsync(cancellationToken);
        byte[]? resume = segment.Resume is { } checkpoint ? await objects.ReadAsync(checkpoint, cancellationToken) : null;
        PairedSet pairs = new(sources.Count, index => (
            ConditionMap.FromCam(cams.Load(sources[index]), segment.Categories.Background), datasets.LoadImage(sources[index].Image)));
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(segment, pairs, resume, attempt), cancellationToken);
        return await trained.StoreAsync(objects, attempt.Attempt, cancellationToken);
    }

    private TrainedSegment Train(TrainGeneratorSegment segment, PairedSet pairs, byte[]? resume, AttemptContext attempt)
    {
        GeneratorTrainingOptions options = new()
        {
            Architecture = GeneratorPresets.Find(segment.Preset, segment.Categories.Count - 1),
            Steps = segment.TotalSteps,
            Seed = segment.Seed,
            CacheBytes = scratch.Value.ImageCacheBytes,
        };
        using GeneratorTraining training = resume is null
            ? GeneratorTraining.Start(options, pairs, device.Device)
            : GeneratorTraining.Resume(resume, pairs, device.Device);
        int before = training.Step, steps = Math.Min(segment.Steps, training.TotalSteps - before);
        training.Run(segment.Steps, progress => attempt.Report(progress.Step - before, steps, "steps", Note(progress)), attempt.CancellationToken);
        return new(
            training.Finished ? training.Export(Annotations(segment)) : training.Save(), training.Finished, training.Step,
            Curves.Of(training.History, options.StepsPerEpoch(pairs.Count)));
    }

    private static Dictionary<string, string> Annotations(TrainGeneratorSegment segment) => new()
    {
        [LoadedCheckpoints.ClassifierAnnotation] = segment.Classifier.Digest.Hex,
        [LoadedCheckpoints.BackgroundAnnotation] = segment.Categories.Background.ToString(CultureInfo.InvariantCulture),
        [LoadedCheckpoints.CategoriesAnnotation] = JsonSerializer.Serialize(segment.Categories.Names),
    };

    private static string Note(TrainingProgress progress) =>
        string.Join(", ", progress.Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Key} {loss.Value:0.00}")));
}
