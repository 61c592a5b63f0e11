using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Telemetry;
using Factory.Storage.Objects;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using MassTransit;

namespace Factory.GpuWorker.Quality;

/// <summary>Compares a corpus with the real training images as sets. Holds the features of a bounded number of both, and the images of one batch.</summary>
internal sealed class MeasureCorpusConsumer(
    AttemptRunner runner, TorchDevice device, LoadedCheckpoints checkpoints, DatasetReader datasets, CorpusDraw draw, IObjectStore objects) : IConsumer<MeasureCorpus>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<MeasureCorpus> context) =>
        runner.RunAsync(context.Message, MeasureAsync, context.CancellationToken);

    private async Task<CorpusMeasured> MeasureAsync(MeasureCorpus command, AttemptContext attempt)
    {
        CancellationToken cancellationToken = attempt.CancellationToken;
        IReadOnlyList<(DatasetEntry Shard, int Samples)> shares = CorpusDraw.Shares(await LinesAsync(command.Corpus, cancellationToken), command.Samples, command.Seed);
        List<DatasetEntry> training = await LinesAsync(command.Training, cancellationToken);
        DatasetEntry[] images = [.. Quantiles.Spread(training.Count, command.Samples).Select(index => training[index])];
        LabeledFeatures made = new(), real = new();
        SortedDictionary<string, List<double>> scores = new(StringComparer.Ordinal);
        int total = shares.Sum(share => share.Samples) + images.Length;
        foreach ((DatasetEntry shard, int count) in shares)
        {
            await foreach (DrawnSample[] batch in draw.ReadAsync(shard.Object, count, cancellationToken).Chunk(command.BatchSize))
            {
                made.Add(batch.Select(sample => sample.Label), await FeaturesAsync(command, () => [.. batch.Select(sample => ImageCache.Decode(sample.Png))], attempt));
                foreach ((string score, double value) in batch.SelectMany(sample => sample.Scores)) (scores.TryGetValue(score, out List<double>? known) ? known : scores[score] = []).Add(value);
                attempt.Report(made.Count, total, "images");
            }
        }
        foreach (DatasetEntry[] batch in images.Chunk(command.BatchSize))
        {
            real.Add(batch.Select(image => image.Label!.Value), await FeaturesAsync(command, () => [.. batch.Select(image => datasets.LoadImage(image.Object))], attempt));
            attempt.Report(made.Count + real.Count, total, "images");
        }
        CorpusQuality quality = await device.RunAsync(command.Order.Numerics, () => Compare(command, made, real, scores, attempt), cancellationToken);
        return new()
        {
            Attempt = attempt.Attempt,
            Artifact = await attempt.UploadAsync(() => objects.PutAsync(JsonSerializer.SerializeToUtf8Bytes(quality, ContractJson.Options), MediaTypes.Json, cancellationToken)),
            All = quality.All,
        };
    }

    private Task<List<float[]>> FeaturesAsync(MeasureCorpus command, Func<RgbImage[]> load, AttemptContext attempt) => device.RunAsync(
        command.Order.Numerics,
        () =>
        {
            using Phases.Measure measure = attempt.Phases.Of(Phases.Forward);
            ResNet network = checkpoints.Classifier(command.Features).OneStream;
            return Judging.Judge(network, load(), device.Device).Select(judgement => judgement.Features).ToList();
        },
        attempt.CancellationToken);

    private static CorpusQuality Compare(MeasureCorpus command, LabeledFeatures made, LabeledFeatures real, SortedDictionary<string, List<double>> scores, AttemptContext attempt)
    {
        using Phases.Measure measure = attempt.Phases.Of(Phases.Quality);
        return new()
        {
            Features = command.Features.Digest,
            All = SetComparison.Of(made.All(), real.All(), attempt.CancellationToken),
            Categories = [.. Enumerable.Range(0, command.Categories.Count)
                .Where(label => Math.Min(made.CountOf(label), real.CountOf(label)) >= SetComparison.LeastOfCategory)
                .Select(label => new CategoryFigures(command.Categories.Names[label], SetComparison.Of(made.Of(label), real.Of(label), attempt.CancellationToken)))],
            Scores = [.. scores.Select(score => SetComparison.Spread(score.Key, score.Value))],
        };
    }

    private ValueTask<List<DatasetEntry>> LinesAsync(ObjectRef list, CancellationToken cancellationToken) =>
        JsonLines.ReadAsync<DatasetEntry>(objects, list, cancellationToken).ToListAsync(cancellationToken);

    /// <summary>Features as they come, with the categories of their images.</summary>
    private sealed class LabeledFeatures
    {
        private readonly List<float[]> _rows = [];
        private readonly List<int> _labels = [];

        public int Count => _rows.Count;

        public void Add(IEnumerable<int> labels, IEnumerable<float[]> rows)
        {
            _labels.AddRange(labels);
            _rows.AddRange(rows);
        }

        public int CountOf(int label) => _labels.Count(other => other == label);

        public FeatureSet All() => new(_rows);

        public FeatureSet Of(int label) => new([.. _rows.Where((_, index) => _labels[index] == label)]);
    }
}
