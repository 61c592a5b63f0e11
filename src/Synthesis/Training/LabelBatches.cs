using System.Runtime.InteropServices;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>Batches of labeled images: categories evenly, with replacement, flipped at random, at the size of the level in training.</summary>
internal sealed class LabelBatches
{
    private readonly LabelGeneratorTrainingOptions _options;
    private readonly Func<Rng, Example> _draw;
    private readonly BoundedCache<RgbImage> _images;

    internal LabelBatches(LabelGeneratorTrainingOptions options, ImageSet images)
    {
        _options = options;
        _draw = images.BalancedDraws(options.Architecture.Categories);
        var size = options.Architecture.Size;
        _images = new BoundedCache<RgbImage>(options.CacheBytes, i => PilResize.Bicubic(images.Load(i), size, size), image => image.Pixels.Length);
    }

    /// <summary>The next batch of a phase: images float [N, 3, s, s] of the level's side, and their categories. Draws and flips are the stream's next numbers.</summary>
    internal (Tensor Images, int[] Labels) Next(LabelPhase phase, Rng rng, Device? device)
    {
        var drawn = Enumerable.Range(0, _options.BatchSizeAt(phase.Level)).Select(_ => (Draw: _draw(rng), Flip: rng.NextInt(2) == 1 && _options.Flip)).ToArray();
        var size = _options.Architecture.Size;
        var batch = torch.empty([drawn.Length, 3, size, size], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(batch.bytes);
        var area = size * size;
        for (var n = 0; n < drawn.Length; n++)
            Write(_images.Get(drawn[n].Draw.Images[0]), drawn[n].Flip, values.Slice(n * 3 * area, 3 * area));
        var images = ImageTensors.OnDevice(batch, device);
        return (AtLevel(images, phase, size), [.. drawn.Select(d => d.Draw.Label)]);
    }

    /// <summary>Shrinks images to a level's side; while it fades in they are between that and the level below, as what is generated is.</summary>
    internal static Tensor AtLevel(Tensor images, LabelPhase phase, int size)
    {
        var own = GrowingLayers.Shrunk(images, size / LabelGeneratorArchitecture.SizeAt(phase.Level));
        return phase.Alpha >= 1 ? own : GrowingLayers.Faded(GrowingLayers.Twice(GrowingLayers.Shrunk(own)), own, phase.Alpha);
    }

    private static void Write(RgbImage image, bool flip, Span<float> planes)
    {
        var (side, area) = (image.Width, image.Width * image.Height);
        for (var i = 0; i < area; i++)
        {
            var from = flip ? i - (i % side) + (side - 1 - (i % side)) : i;
            for (var c = 0; c < 3; c++)
                planes[(c * area) + i] = ImageTensors.Scaled[image.Pixels[(from * 3) + c]];
        }
    }
}
