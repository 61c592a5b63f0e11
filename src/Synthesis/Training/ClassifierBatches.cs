using System.Runtime.InteropServices;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>Batches of a classifier's training examples: drawn with replacement, categories evenly, each image varied by itself.</summary>
internal sealed class ClassifierBatches
{
    private readonly ClassifierTrainingOptions _options;
    private readonly Device? _device;
    private readonly Func<Rng, Example> _draw;
    private readonly BoundedCache<RgbImage>[] _images;

    /// <summary>Prepares the drawing from a set.</summary>
    /// <exception cref="ArgumentException">The examples are not of the network's streams, or a label is out of range.</exception>
    internal ClassifierBatches(ClassifierTrainingOptions options, ExampleSet train, Device? device)
    {
        (_options, _device) = (options, device);
        RequireStreams(options.Architecture, train);
        _draw = train.BalancedDraws(options.Architecture.Categories);
        var size = options.Architecture.Size;
        _images = [.. train.Streams.Select(stream => new BoundedCache<RgbImage>(options.CacheBytes / train.Streams.Count, i => PilResize.Bicubic(stream.Load(i), size, size), image => image.Pixels.Length))];
    }

    /// <summary>The next batch.</summary>
    /// <param name="rng">The stream that chooses and varies.</param>
    /// <param name="augmentation">How images are varied.</param>
    /// <returns>Float [batch, 3 S, s, s] in [-1, 1] and int64 [batch] on the device; the caller's dispose scope disposes them.</returns>
    internal (Tensor Input, Tensor Target) Next(Rng rng, Augmentation augmentation)
    {
        var (size, streams) = (_options.Architecture.Size, _images.Length);
        var input = torch.empty([_options.BatchSize, 3 * streams, size, size], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(input.bytes);
        var planes = 3 * size * size;
        var labels = new long[_options.BatchSize];
        for (var n = 0; n < _options.BatchSize; n++)
        {
            var example = _draw(rng);
            labels[n] = example.Label;
            for (var s = 0; s < streams; s++)
                Augmenter.Write(_images[s].Get(example.Images[s]), augmentation, rng, values.Slice(((n * streams) + s) * planes, planes));
        }

        return (ImageTensors.OnDevice(input, _device), torch.tensor(labels, device: _device));
    }

    internal static void RequireStreams(ClassifierArchitecture architecture, ExampleSet examples)
    {
        if (examples.Streams.Count != architecture.Streams)
            throw new ArgumentException($"The network is of {architecture.Streams} stream(s), the examples have {examples.Streams.Count} image(s) each: two streams learn from a pair set, one from an image set.");
    }
}
