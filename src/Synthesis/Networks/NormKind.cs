using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>Which normalization follows a convolution of the generator and the discriminator.</summary>
public enum NormKind
{
    /// <summary>Each image's channels by their own mean and variance; no parameters, no running statistics.</summary>
    Instance,

    /// <summary>Channels over the batch; weight, bias and running statistics, which inference uses.</summary>
    Batch,
}

/// <summary>Makes the layer of a <see cref="NormKind"/>.</summary>
internal static class Norm
{
    internal static nn.Module<Tensor, Tensor> Create(NormKind kind, int channels) => kind switch
    {
        NormKind.Instance => nn.InstanceNorm2d(channels),
        NormKind.Batch => nn.BatchNorm2d(channels),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown normalization."),
    };
}
