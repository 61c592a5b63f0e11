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
using TorchSharp;

namespace Factory.GpuWorker.Training;

/// <summary>Trains a generator for one segment.</summary>
internal sealed class TrainGeneratorSegmentConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, CamStore cams, ScratchFiles scratch, IObjectStore objects)
    : IConsumer<TrainGeneratorSegment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TrainGeneratorSegment> context) =>
        runner.RunAsync(context.Message, TrainAsync, context.CancellationToken);

    private async Task<SegmentTrained> TrainAsync(TrainGeneratorSegment segment, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        List<CamSource> sources = await JsonLines.ReadAsync<CamSource>(objects, segment.Sources, cancellationToken).ToListAsync(cancellationToken);
        await using FileStream? resume = await OpenAsync(segment.Resume, cancellationToken);
        await using FileStream? stage1 = await OpenAsync(segment.Resume is null ? segment.Stage1 : null, cancellationToken);
        await using FileStream? perceptual = await OpenAsync(segment.Perceptual, cancellationToken);
        ConditionBasis basis = BasisOf(segment);
        GeneratorTrainingOptions options = Options(segment, basis);
        PairedSet pairs = new(sources.Count, index => (
            basis.Condition(cams.Load(sources[index], basis)),
            datasets.LoadImage(sources[index].Image, options.Architecture.LoadSize)));
        await using StagedObject staged = await objects.StageAsync(cancellationToken);
        TrainedSegment trained = await device.RunAsync(segment.Order.Numerics, () => Train(), cancellationToken);
        return await trained.StoreAsync(objects, staged, attempt);

        TrainedSegment Train()
        {
            using Vgg19Features? vgg = perceptual is null ? null : Vgg(perceptual);
            using GeneratorTraining training = resume is null ? Start(segment, options, pairs, stage1, vgg) : GeneratorTraining.Resume(resume, pairs, device.Device, vgg);
            using GeneratorPreviews? previews = segment.PreviewSteps is null
                ? null
                : new(segment, sources, pairs, segment.Classifier is { } classifier ? checkpoints.Classifier(classifier, segment.Categories).OneStream : null, device.Device);
            using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
            Advance(segment, training, previews, attempt);
            if (training.Finished) training.Export(staged.Stream, Annotations(segment));
            else training.Save(staged.Stream);
            return new(training.Finished, training.Step, Curves.Of(training.History, options.StepsPerEpoch(pairs.Count), training.Measurements), previews?.Made);
        }
    }

    private async Task<FileStream?> OpenAsync(ObjectRef? reference, CancellationToken cancellationToken) =>
        reference is null ? null : File.OpenRead(await scratch.FetchAsync(reference, cancellationToken));

    private Vgg19Features Vgg(FileStream weights)
    {
        using SafeTensorsFile file = SafeTensors.Read(weights);
        Vgg19Features vgg = Vgg19Features.Load(file);
        vgg.to(device.Device);
        return vgg;
    }

    private GeneratorTraining Start(TrainGeneratorSegment segment, GeneratorTrainingOptions options, PairedSet pairs, FileStream? stage1, Vgg19Features? vgg)
    {
        if (stage1 is null) return GeneratorTraining.Start(options, pairs, device.Device, vgg: vgg);
        using SafeTensorsFile file = SafeTensors.Read(stage1);
        string trainedOn = LoadedCheckpoints.TrainedOn(GeneratorCheckpoint.AnnotationsOf(file)), asked = LoadedCheckpoints.TrainedOn(LoadedCheckpoints.Annotations(BasisOf(segment)));
        return trainedOn == asked
            ? GeneratorTraining.Start(options, pairs, device.Device, file, vgg)
            : throw new PermanentWorkException($"stage 1 was trained on {trainedOn}, not on {asked}; the scale of a condition map belongs to one classifier.");
    }

    private static void Advance(TrainGeneratorSegment segment, GeneratorTraining training, GeneratorPreviews? previews, AttemptContext attempt) => PreviewSteps.Advance(
        training.Step, Math.Min(segment.Steps, training.TotalSteps - training.Step), segment.PreviewSteps,
        (steps, done, all) => training.Run(steps, progress => attempt.Report(done(progress.Step), all, "steps", Note(progress)), attempt.CancellationToken),
        _ => previews!.Take(training, attempt.CancellationToken));

    private static ConditionBasis BasisOf(TrainGeneratorSegment segment) => new(segment.Categories, segment.Classifier, segment.Lesions);

    private static GeneratorTrainingOptions Options(TrainGeneratorSegment segment, ConditionBasis basis) =>
        GeneratorTrainingOptions.OfPreset(segment.Preset, basis.Channels, staged: segment.Stage1 is not null) with
        {
            Steps = segment.TotalSteps,
            Seed = segment.Seed,
            PerceptualWeight = segment.Perceptual is null ? 0 : GeneratorTrainingOptions.PublishedPerceptualWeight,
            // Images come resized from the worker's own cache. The checkpoint records options, and its bytes must not depend on a worker's memory.
            CacheBytes = 0,
        };

    private static Dictionary<string, string> Annotations(TrainGeneratorSegment segment)
    {
        Dictionary<string, string> annotations = new(LoadedCheckpoints.Annotations(BasisOf(segment)))
        {
            [LoadedCheckpoints.BackgroundAnnotation] = segment.Categories.Background.ToString(CultureInfo.InvariantCulture),
            [LoadedCheckpoints.CategoriesAnnotation] = JsonSerializer.Serialize(segment.Categories.Names),
            [LoadedCheckpoints.PerceptualAnnotation] = segment.Perceptual?.Digest.Hex ?? "off",
        };
        if (segment.Stage1 is { } stage1) annotations[LoadedCheckpoints.Stage1Annotation] = stage1.Digest.Hex;
        return annotations;
    }

    private static string Note(TrainingProgress progress) =>
        string.Join(", ", progress.Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Key} {loss.Value:0.00}")));
}
