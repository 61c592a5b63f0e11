using System.Runtime.InteropServices;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>What a label-conditioned generator is fed, and the images it makes of it.</summary>
public static class LabelNoise
{
    /// <summary>Generates one image for each category and seed: the seed alone fixes its noise.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="samples">Category index and seed of each image; at least one.</param>
    /// <param name="device">Where the generator lies. Default the CPU.</param>
    /// <returns>An image a sample.</returns>
    /// <exception cref="ArgumentException">There is no sample, or a category is none of the generator's.</exception>
    public static RgbImage[] Generate(LabelGenerator generator, IReadOnlyList<(int Label, ulong Seed)> samples, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(generator);
        var (noise, categories) = Input(generator, samples, device);
        return ImageTensors.ToImages(generator.Generate(noise, categories));
    }

    /// <summary>What the generator is fed for each category and seed.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="samples">Category index and seed of each image; at least one.</param>
    /// <param name="device">Where the generator lies. Default the CPU.</param>
    /// <returns>Noise, float [N, Z], and categories, float [N, K], one-hot; the caller, or its dispose scope, disposes them.</returns>
    /// <exception cref="ArgumentException">There is no sample, or a category is none of the generator's.</exception>
    public static (Tensor Noise, Tensor Categories) Input(LabelGenerator generator, IReadOnlyList<(int Label, ulong Seed)> samples, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(samples);
        var a = generator.Architecture;
        if (samples.Count == 0)
            throw new ArgumentException("A batch needs at least one sample.", nameof(samples));
        if (samples.FirstOrDefault(s => s.Label < 0 || s.Label >= a.Categories) is { Label: not 0 } bad)
            throw new ArgumentException($"Category {bad.Label} is none of the generator's: 0 to {a.Categories - 1}.", nameof(samples));
        return (ImageTensors.OnDevice(Rows(samples.Select(s => new Rng(s.Seed)), samples.Count, a.Noise), device), OneHot([.. samples.Select(s => s.Label)], a.Categories, device));
    }

    /// <summary>Noise of a batch, all of one stream.</summary>
    internal static Tensor Draw(Rng rng, int count, int length, Device? device) => ImageTensors.OnDevice(Rows(Enumerable.Repeat(rng, count), count, length), device);

    /// <summary>Uniform numbers in [0, 1), float [N, 1, 1, 1].</summary>
    internal static Tensor Between(Rng rng, int count, Device? device)
    {
        var values = torch.empty([count, 1, 1, 1], ScalarType.Float32);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(values.bytes))
            value = (float)rng.NextDouble();
        return ImageTensors.OnDevice(values, device);
    }

    internal static Tensor OneHot(int[] labels, int categories, Device? device)
    {
        var rows = torch.zeros([labels.Length, categories], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(rows.bytes);
        for (var n = 0; n < labels.Length; n++)
            values[(n * categories) + labels[n]] = 1;
        return ImageTensors.OnDevice(rows, device);
    }

    private static Tensor Rows(IEnumerable<Rng> streams, int count, int length)
    {
        var rows = torch.empty([count, length], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(rows.bytes);
        var at = 0;
        foreach (var rng in streams)
        {
            for (var i = 0; i < length; i++)
                values[at++] = (float)rng.NextGaussian();
        }

        return rows;
    }
}
