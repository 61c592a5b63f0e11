using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>Fills weights from a seeded stream, so that a network is a function of its architecture and seed and torch's global generator plays no part.</summary>
internal static class WeightInit
{
    /// <summary>Fills a tensor with normal draws in row-major order.</summary>
    internal static void Normal(Tensor target, double mean, double deviation, Rng rng) => Fill(target, () => mean + (deviation * rng.NextGaussian()));

    /// <summary>Fills a tensor with draws uniform in [-bound, bound) in row-major order.</summary>
    internal static void Uniform(Tensor target, double bound, Rng rng) => Fill(target, () => rng.NextDouble(-bound, bound));

    /// <summary>Torch's default for a bias: uniform within 1 / sqrt(fan in), fan in being the weight's elements an output channel.</summary>
    internal static void DefaultBias(Tensor bias, Tensor weight, Rng rng) => Uniform(bias, 1 / Math.Sqrt(weight.numel() / weight.shape[0]), rng);

    private static void Fill(Tensor target, Func<double> draw)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var values = torch.empty(target.shape, ScalarType.Float32);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(values.bytes))
            value = (float)draw();
        target.copy_(values);
    }
}
