using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.GpuWorker.Generation;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Evaluation;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.GpuWorker.Training;

/// <summary>
/// Looks at a generator in training: a grid of a few sources of each category, and the distance of what it makes of up to 64 sources from their real images,
/// in the features of the classifier whose CAMs condition it. The same sources each time. To be used on the torch thread only.
/// </summary>
/// <param name="segment">The segment.</param>
/// <param name="sources">The training sources.</param>
/// <param name="pairs">Their pairs.</param>
/// <param name="classifier">The classifier; null where lesion maps condition the generator: distances are then not taken.</param>
/// <param name="device">The device of both networks.</param>
internal sealed class GeneratorPreviews(TrainGeneratorSegment segment, IReadOnlyList<CamSource> sources, PairedSet pairs, ResNet? classifier, Device device) : IDisposable
{
    private const int RowsPerCategory = 2;
    private const int CellSize = 128;
    private const int MeasuredSources = 64;
    private const int BatchSize = 4;

    private readonly int[] _measured =
        [.. Enumerable.Range(0, sources.Count).OrderBy(source => SampleSeeds.Derive(segment.Seed, source, 0)).Take(MeasuredSources)];

    private readonly List<(int Step, byte[] Png)> _made = [];
    private Tensor? _real;

    /// <summary>Steps done and grid of each preview taken, in order.</summary>
    public IReadOnlyList<(int Step, byte[] Png)> Made => _made;

    /// <summary>Takes a preview of the generator as it is; the distances become part of its training's state.</summary>
    public void Take(GeneratorTraining training, CancellationToken cancellationToken)
    {
        _made.Add((training.Step, Grid(training)));
        if (classifier is null || _measured.Length < FeatureDistance.LeastImages) return;
        _real ??= Features([.. _measured.Select(source => pairs.Load(source).Image)], cancellationToken);
        List<RgbImage> generated = [];
        foreach (int[] batch in _measured.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            generated.AddRange(training.Preview([.. batch.Select(source => pairs.Load(source).Condition)]));
        }
        using Tensor made = Features(generated, cancellationToken);
        training.Measure(new(StringComparer.Ordinal) { ["fid"] = FeatureDistance.Frechet(made, _real), ["kid"] = FeatureDistance.Kernel(made, _real) });
    }

    /// <inheritdoc/>
    public void Dispose() => _real?.Dispose();

    private Tensor Features(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken) =>
        FeatureDistance.Features(classifier!, images, device: device, cancellation: cancellationToken);

    private byte[] Grid(GeneratorTraining training)
    {
        CategoryList categories = segment.Categories;
        ContactSheet sheet = new($"{segment.Order.Step}: after {training.Step} steps", ["real", "condition", "generated"], CellSize);
        foreach (int source in Enumerable.Range(0, categories.Count).SelectMany(label => SheetRows.SourcesOf(sources, label, RowsPerCategory, segment.Seed)))
        {
            (ConditionMap condition, RgbImage image) = pairs.Load(source);
            sheet.AddRow(categories.Names[sources[source].Label], [image, SheetRows.Picture(condition.Resize(CellSize)), training.Preview([condition])[0]]);
        }
        return sheet.ToPng();
    }
}
