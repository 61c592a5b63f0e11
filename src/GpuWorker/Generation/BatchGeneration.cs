using System.Diagnostics;
using Factory.Contracts.Work;
using Factory.GpuWorker.Datasets;
using Factory.GpuWorker.Devices;
using Factory.GpuWorker.Quality;
using Factory.GpuWorker.Telemetry;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using TorchSharp;

namespace Factory.GpuWorker.Generation;

/// <summary>One generated sample that was kept.</summary>
/// <param name="Sample">How it was drawn.</param>
/// <param name="Image">Its image.</param>
/// <param name="Scores">Its scores.</param>
internal sealed record KeptSample(PreparedSample Sample, RgbImage Image, SortedDictionary<string, double> Scores);

/// <summary>
/// Generates the samples of one batch, draws rejected ones again, and drops those that stay rejected. A batch is a fixed group of indices, so its bytes do
/// not depend on which shard, attempt or question it is generated for.
/// </summary>
internal sealed class BatchGeneration(GenerateShard command, TorchDevice device, LoadedCheckpoints checkpoints, ISampleDraws draws, SampleQuality quality, Phases phases)
{
    private readonly SortedDictionary<string, int> _rejected = new(StringComparer.Ordinal);

    /// <summary>Seconds in the generator's forward pass so far.</summary>
    public double ForwardSeconds { get; private set; }

    /// <summary>Samples left out so far, by reason.</summary>
    public IReadOnlyDictionary<string, int> Rejected => _rejected;

    /// <summary>Generates one batch.</summary>
    /// <param name="first">First draws of the batch's samples, in order of index.</param>
    /// <param name="cancellationToken">Looked at between forward passes.</param>
    /// <returns>The samples kept, in order of index.</returns>
    public async Task<List<KeptSample>> GenerateAsync(IReadOnlyList<PreparedSample> first, CancellationToken cancellationToken)
    {
        List<KeptSample> kept = [];
        IReadOnlyList<PreparedSample> open = first;
        for (int draw = 0; open.Count > 0; draw++)
        {
            List<KeptSample> made = await MakeAsync(open, cancellationToken);
            kept.AddRange(made.Where(sample => quality.Rejection(sample) is null));
            List<KeptSample> broken = made.FindAll(sample => quality.Rejection(sample) is not null);
            if (command.Synthesis.Reject is not { } rules) break;
            if (draw == rules.Redraws)
            {
                foreach (string reason in broken.Select(sample => quality.Rejection(sample)!)) _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1;
                break;
            }
            int next = draw + 1;
            open = broken.ConvertAll(sample => draws.Prepare(sample.Sample.Index, next));
        }
        return [.. kept.OrderBy(sample => sample.Sample.Index)];
    }

    private async Task<List<KeptSample>> MakeAsync(IReadOnlyList<PreparedSample> samples, CancellationToken cancellationToken)
    {
        RgbImage[] images = await device.RunAsync(command.Order.Numerics, () => Forward(samples), cancellationToken);
        IReadOnlyList<SortedDictionary<string, double>> scores = await quality.ScoreAsync(samples, images, cancellationToken);
        return [.. samples.Select((sample, index) => new KeptSample(sample, images[index], scores[index]))];
    }

    private RgbImage[] Forward(IReadOnlyList<PreparedSample> samples)
    {
        // Loaded before the scope begins, which would take the weights with it.
        ImageGenerator? ofMaps = command.Sources is null ? null : checkpoints.Generator(command.Generator, ConditionBasis.Of(command.Synthesis, command.Classifier), command.Synthesis).Network;
        LabelGenerator? ofLabels = ofMaps is null ? checkpoints.LabelGenerator(command.Generator, command.Synthesis).Network : null;
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        Func<torch.Tensor> pass = ofMaps is not null ? FromMaps(ofMaps, samples) : FromLabels(ofLabels!, samples);
        using Phases.Measure measure = phases.Of(Phases.Forward);
        long started = Stopwatch.GetTimestamp();
        torch.Tensor output = pass();
        // A GPU is only told what to do; the pass is over when it says so.
        if (device.Kind == "cuda") torch.cuda.synchronize(device.Device);
        ForwardSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        return ImageTensors.ToImages(output);
    }

    private Func<torch.Tensor> FromMaps(ImageGenerator generator, IReadOnlyList<PreparedSample> samples)
    {
        torch.Tensor input = Synthesis.Cams.Generation.Input(generator, [.. samples.Select(sample => sample.Condition!)], device.Device);
        return () => generator.call(input);
    }

    private Func<torch.Tensor> FromLabels(LabelGenerator generator, IReadOnlyList<PreparedSample> samples)
    {
        (torch.Tensor noise, torch.Tensor categories) = LabelNoise.Input(generator, [.. samples.Select(sample => (sample.Label, sample.Seed))], device.Device);
        return () => generator.Generate(noise, categories);
    }
}
