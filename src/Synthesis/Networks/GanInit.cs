using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>pix2pixHD's initial weights: convolutions N(0, 0.02), batch-norm weights N(1, 0.02) and biases 0, convolution biases torch's default.</summary>
internal static class GanInit
{
    private const double Deviation = 0.02;

    internal static void Apply(nn.Module module, Rng rng)
    {
        foreach (var (_, layer) in module.named_modules())
        {
            switch (layer)
            {
                case Conv2d conv:
                    Convolution(conv.weight, conv.bias!, rng);
                    break;
                case ConvTranspose2d conv:
                    Convolution(conv.weight, conv.bias!, rng);
                    break;
                case BatchNorm2d norm:
                    WeightInit.Normal(norm.weight!, 1, Deviation, rng);
                    break;
            }
        }
    }

    private static void Convolution(Tensor weight, Tensor bias, Rng rng)
    {
        WeightInit.Normal(weight, 0, Deviation, rng);
        WeightInit.DefaultBias(bias, weight, rng);
    }
}
