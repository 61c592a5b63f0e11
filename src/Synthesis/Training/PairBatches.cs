using System.Runtime.InteropServices;
using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>Batches of pairs: each pass over the set in an order of its own, resized to the load size, cropped and flipped together.</summary>
internal sealed class PairBatches
{
    private readonly GeneratorTrainingOptions _options;
    private readonly BoundedCache<byte[]> _planes;
    private readonly int _count;
    private long _pass = -1;
    private int[] _order = [];

    internal PairBatches(GeneratorTrainingOptions options, PairedSet pairs)
    {
        (_options, _count) = (options, pairs.Count);
        _planes = new BoundedCache<byte[]>(options.CacheBytes, i => Planes(pairs.Load(i), i), planes => planes.Length);
    }

    /// <summary>The batch of a step. Which pairs it holds follows from seed and step; crops and flips are the stream's next numbers.</summary>
    internal (Tensor Condition, Tensor Image) Next(int step, Rng rng, Device? device)
    {
        var a = _options.Architecture;
        var condition = torch.empty([_options.BatchSize, a.InputChannels, a.Size, a.Size], ScalarType.Float32);
        var image = torch.empty([_options.BatchSize, 3, a.Size, a.Size], ScalarType.Float32);
        var area = a.Size * a.Size;
        for (var n = 0; n < _options.BatchSize; n++)
        {
            var planes = _planes.Get(IndexOf(((long)step * _options.BatchSize) + n));
            var (top, left) = (rng.NextInt(a.LoadSize - a.Size + 1), rng.NextInt(a.LoadSize - a.Size + 1));
            var flip = rng.NextInt(2) == 1 && _options.Flip;
            for (var c = 0; c < a.InputChannels + 3; c++)
            {
                var (target, at, channels) = c < a.InputChannels ? (condition, c, a.InputChannels) : (image, c - a.InputChannels, 3);
                var values = MemoryMarshal.Cast<byte, float>(target.bytes).Slice(((n * channels) + at) * area, area);
                Crop(planes.AsSpan(c * a.LoadSize * a.LoadSize), top, left, flip, values);
            }
        }

        return (ImageTensors.OnDevice(condition, device), ImageTensors.OnDevice(image, device));
    }

    private void Crop(ReadOnlySpan<byte> plane, int top, int left, bool flip, Span<float> values)
    {
        var (size, load) = (_options.Architecture.Size, _options.Architecture.LoadSize);
        for (var y = 0; y < size; y++)
        {
            var row = plane.Slice(((top + y) * load) + left, size);
            for (var x = 0; x < size; x++)
                values[(y * size) + x] = ImageTensors.Scaled[row[flip ? size - 1 - x : x]];
        }
    }

    private int IndexOf(long draw)
    {
        var pass = draw / _count;
        if (pass != _pass)
        {
            var rng = new Rng(Rng.Mix(_options.Seed) ^ Rng.Mix((ulong)pass + 1));
            _order = [.. Enumerable.Range(0, _count)];
            for (var i = _count - 1; i > 0; i--)
            {
                var j = rng.NextInt(i + 1);
                (_order[i], _order[j]) = (_order[j], _order[i]);
            }

            _pass = pass;
        }

        return _order[draw % _count];
    }

    private byte[] Planes((ConditionMap Condition, RgbImage Image) pair, int index)
    {
        var a = _options.Architecture;
        if (pair.Condition.Channels != a.InputChannels)
            throw new ArgumentException($"The condition map of pair {index} has {pair.Condition.Channels} channels, the generator takes {a.InputChannels}.");
        var area = a.LoadSize * a.LoadSize;
        var planes = new byte[(a.InputChannels + 3) * area];
        pair.Condition.Resize(a.LoadSize).Values.CopyTo(planes, 0);
        var pixels = PilResize.Bicubic(pair.Image, a.LoadSize, a.LoadSize).Pixels;
        for (var i = 0; i < pixels.Length; i++)
            planes[((a.InputChannels + (i % 3)) * area) + (i / 3)] = pixels[i];
        return planes;
    }
}
