using System.Runtime.InteropServices;
using TorchSharp;

namespace Factory.Synthesis.Tests.Networks;

/// <summary>Deterministic weights without files: tensor k of the state dict is a function of k alone.</summary>
internal static class GoldenWeights
{
    internal static void Fill(torch.nn.Module module)
    {
        using var guard = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        ulong k = 0;
        // PyTorch's order, layer by layer; TorchSharp's puts the norms' running statistics last.
        foreach (var (name, tensor) in module.state_dict().GroupBy(entry => entry.Key[..entry.Key.LastIndexOf('.')]).SelectMany(layer => layer))
        {
            var seed = (k++ * 1000003) + 7;
            if (tensor.is_floating_point())
                tensor.copy_(Uniform(seed, tensor.shape, Transform(name, tensor.shape)));
        }
    }

    internal static torch.Tensor Input(int size) => Input(99, 1, size);

    internal static torch.Tensor Input(ulong seed, int count, int size) => Uniform(seed, [count, 3, size, size], u => u);

    private static Func<double, double> Transform(string name, long[] shape)
    {
        if (name.EndsWith("running_var", StringComparison.Ordinal))
            return u => Math.Abs(u) + 0.5;
        if (shape.Length > 1)
        {
            var scale = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (a, b) => a * b));
            return u => u * scale;
        }

        return name.EndsWith("weight", StringComparison.Ordinal) ? u => 1 + (0.1 * u) : u => 0.1 * u;
    }

    private static torch.Tensor Uniform(ulong seed, long[] shape, Func<double, double> map)
    {
        var rng = new Rng(seed);
        var tensor = torch.empty(shape, torch.ScalarType.Float32);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(tensor.bytes))
            value = (float)map(((rng.NextUInt64() >> 11) * Math.Pow(2, -52)) - 1);
        return tensor;
    }
}
