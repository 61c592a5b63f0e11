using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// Leaky ReLU of slope 0.2, in place. TorchSharp's own makes a scalar for each call and lets go of it before torch has read it: a garbage collection at that moment frees it, and the
/// slope is whatever came to stand there.
/// </summary>
internal sealed class Leaky() : Module<Tensor, Tensor>(nameof(Leaky))
{
    private static readonly Scalar Slope = 0.2;

    /// <summary>The same, into a new tensor.</summary>
    internal static Tensor Of(Tensor x) => x.leaky_relu(Slope);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input.leaky_relu_(Slope);
}
