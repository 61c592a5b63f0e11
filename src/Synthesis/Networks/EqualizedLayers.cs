using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// A layer whose weights are N(0, 1) and are multiplied by gain / sqrt(fan in) each time they are used, so that all learn at one speed; biases begin at 0.
/// Source: Karras et al., ICLR 2018, section 4.1.
/// </summary>
internal abstract class EqualizedLayer : Module<Tensor, Tensor>
{
    private readonly double _scale;

    /// <summary>The published gain of a layer that a leaky ReLU follows.</summary>
    internal static readonly double ReluGain = Math.Sqrt(2);

    private protected EqualizedLayer(string name, long[] shape, int biases, double gain, Rng? rng)
        : base(name)
    {
        _scale = gain / Math.Sqrt(shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        register_parameter("weight", nn.Parameter(empty(shape)));
        register_parameter("bias", nn.Parameter(zeros(biases)));
        if (rng is not null)
            WeightInit.Normal(get_parameter("weight")!, 0, 1, rng);
    }

    // Asked for each time: a parameter is another object once its module was moved or converted.
    private protected Tensor Bias => get_parameter("bias")!;

    private protected Tensor Scaled() => get_parameter("weight")! * _scale;
}

/// <summary>A convolution that keeps the size of its input.</summary>
internal sealed class EqualizedConv(int input, int output, int kernel, double gain, Rng? rng)
    : EqualizedLayer(nameof(EqualizedConv), [output, input, kernel, kernel], output, gain, rng)
{
    public override Tensor forward(Tensor input) => functional.conv2d(input, Scaled(), Bias, padding: [kernel / 2, kernel / 2]);
}

/// <summary>A dense layer; where its outputs are the cells of feature maps, the cells of a map share one bias.</summary>
internal sealed class EqualizedLinear(int input, int output, double gain, Rng? rng, int cells = 1)
    : EqualizedLayer(nameof(EqualizedLinear), [output, input], output / cells, gain, rng)
{
    public override Tensor forward(Tensor input) => functional.linear(input, Scaled(), cells == 1 ? Bias : Bias.repeat_interleave(cells));
}

/// <summary>What generator and discriminator of a progressive GAN share.</summary>
internal static class GrowingLayers
{
    private const double Slope = 0.2;
    private const double Tiny = 1e-8;

    internal static Tensor Active(Tensor x) => functional.leaky_relu(x, Slope);

    /// <summary>Divides the channels of each pixel by their root mean square.</summary>
    internal static Tensor PixelNorm(Tensor x) => x * (x.square().mean([1], keepdim: true) + Tiny).rsqrt();

    /// <summary>Twice the side, each pixel four times.</summary>
    internal static Tensor Twice(Tensor x) => functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);

    /// <summary>Half the side, or less: the mean of each square of pixels.</summary>
    internal static Tensor Shrunk(Tensor x, int by = 2) => by == 1 ? x : functional.avg_pool2d(x, by, stride: by);

    /// <summary>Between the level below (0) and the level itself (1).</summary>
    internal static Tensor Faded(Tensor below, Tensor own, double alpha) => (below * (1 - alpha)) + (own * alpha);

    /// <summary>Adds a channel that is, everywhere, the mean over features and pixels of their standard deviation over the batch.</summary>
    internal static Tensor WithDeviation(Tensor x)
    {
        var deviation = ((x - x.mean([0], keepdim: true)).square().mean([0]) + Tiny).sqrt().mean();
        return cat([x, deviation.expand(x.shape[0], 1, x.shape[2], x.shape[3])], 1);
    }

    /// <summary>Whether a layer takes part at a level: blocks up to it, the colors of the level and, while it fades in, of the one below; dense layers always.</summary>
    /// <param name="key">State-dict key, such as <c>block3_conv0.weight</c> or <c>rgb2.bias</c>.</param>
    /// <param name="level">The level.</param>
    /// <param name="fading">Whether the level fades in.</param>
    internal static bool IsUsed(string key, int level, bool fading)
    {
        if (LevelOf(key, "rgb") is { } colors)
            return colors == level || (fading && colors == level - 1);
        return LevelOf(key, "block") is not { } block || block <= level;
    }

    private static int? LevelOf(string key, string layer) => key.StartsWith(layer, StringComparison.Ordinal) ? key[layer.Length] - '0' : null;
}
