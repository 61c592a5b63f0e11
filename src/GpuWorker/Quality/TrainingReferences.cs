using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.Storage.Objects;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;

namespace Factory.GpuWorker.Quality;

/// <summary>
/// Measures training images once for all shards that a worker makes of a corpus, and keeps the latest figures. What is returned never depends on what is kept.
/// </summary>
internal sealed class TrainingReferences(TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, IObjectStore objects)
{
    /// <summary>Images that a median is taken over, at most: evenly spread over the collection.</summary>
    private const int MedianImages = 1000;

    private const long BytesKept = 256L << 20;

    private readonly RecentlyUsed<Key, TrainingReference> _kept = new(BytesKept);

    /// <summary>The figures that a shard's measures need.</summary>
    /// <param name="command">The shard.</param>
    /// <param name="measures">What is measured of its samples.</param>
    /// <param name="size">Side of its images in pixels.</param>
    /// <param name="report">Told how many of how many training images are measured.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <exception cref="PermanentWorkException">The training images do not serve: there are too few, or they are all alike.</exception>
    public async Task<TrainingReference> GetAsync(GenerateShard command, IReadOnlyList<string> measures, int size, Action<int, int> report, CancellationToken cancellationToken)
    {
        if (!measures.Any(QualityMeasures.NeedTraining)) return new();
        ObjectRef training = command.Training ?? throw new PermanentWorkException("the invitation names no training images, which its measures need.");
        bool sharpness = measures.Contains(QualityMeasures.Sharpness);
        ObjectRef? judge = measures.Contains(QualityMeasures.NearestTrainingDistance) ? SampleQuality.JudgeOf(command) : null;
        Key key = new(training.Digest, sharpness ? size : null, judge?.Digest, command.Synthesis.Modality, command.Synthesis.BatchSize, command.Order.Numerics);
        if (_kept.TryGet(key, out TrainingReference? known)) return known;
        List<ObjectRef> images = await JsonLines.ReadAsync<DatasetEntry>(objects, training, cancellationToken).Select(entry => entry.Object).ToListAsync(cancellationToken);
        TrainingReference measured = new() { Sharpness = sharpness ? await Task.Run(() => Sharpness(images, size, command.Synthesis.Modality, cancellationToken), cancellationToken) : null };
        if (judge is not null)
        {
            FeatureSet features = await FeaturesAsync(command, judge, images, report, cancellationToken);
            measured = measured with { Features = features, NearestDistance = Nearest(features, cancellationToken) };
        }
        _kept.Add(key, measured, measured.Bytes);
        return measured;
    }

    private double Sharpness(List<ObjectRef> images, int size, Modality modality, CancellationToken cancellationToken)
    {
        if (images.Count == 0) throw new PermanentWorkException("there are no training images to measure sharpness by; leave sharpness out of quality.measures.");
        List<double> values = [];
        foreach (int index in Quantiles.Spread(images.Count, MedianImages))
        {
            cancellationToken.ThrowIfCancellationRequested();
            values.Add(Synthesis.Evaluation.Sharpness.Of(datasets.LoadImage(images[index], size), litOnly: modality == Modality.Cfp));
        }
        double median = Quantiles.Median(values);
        return median > 0 ? median : throw new PermanentWorkException("half of the training images are flat, so no sharpness can be told by them; leave sharpness out of quality.measures and reject.");
    }

    private async Task<FeatureSet> FeaturesAsync(GenerateShard command, ObjectRef judge, List<ObjectRef> images, Action<int, int> report, CancellationToken cancellationToken)
    {
        if (images.Count < 2) throw new PermanentWorkException($"distances to training images need two of them at least, there are {images.Count}; leave {QualityMeasures.NearestTrainingDistance} out of quality.measures and reject.");
        List<float[]> rows = new(images.Count);
        foreach (ObjectRef[] batch in images.Chunk(command.Synthesis.BatchSize))
        {
            rows.AddRange(await device.RunAsync(
                command.Order.Numerics,
                () =>
                {
                    ResNet network = checkpoints.Classifier(judge, command.Synthesis.Categories).OneStream;
                    RgbImage[] loaded = [.. batch.Select(image => datasets.LoadImage(image, network.Architecture.Size))];
                    return Judging.Judge(network, loaded, device.Device).Select(judgement => judgement.Features).ToList();
                },
                cancellationToken));
            report(rows.Count, images.Count);
        }
        return new(rows);
    }

    private static double Nearest(FeatureSet features, CancellationToken cancellationToken) => features.MedianNearest(MedianImages, cancellationToken) is > 0 and var median
        ? median
        : throw new PermanentWorkException(
            $"half of the training images are the same to the judge as another one, so no distance can be told by them; leave {QualityMeasures.NearestTrainingDistance} out of quality.measures and reject, or take another judge.");

    /// <summary>What figures follow from.</summary>
    private sealed record Key(Sha256Digest Training, int? Size, Sha256Digest? Judge, Modality Modality, int BatchSize, Numerics Numerics);
}
