using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// ResNet-18 or ResNet-50 with torchvision's state-dict keys and shapes.
/// Input float [N, 3, s, s] in [-1, 1] (8-bit RGB / 255, then (x - 0.5) / 0.5); output logits [N, K].
/// Source: He et al., CVPR 2016, table 1; the stride of a bottleneck is on its 3x3 convolution, as in torchvision.
/// </summary>
public sealed class ResNet : ClassifierNetwork
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential[] _stages;
    private readonly Linear _fc;

    /// <summary>Builds the network with fresh weights: convolutions normal with variance 2 / fan out (He et al., ICCV 2015), norms 1 and 0, <c>fc</c> torch's default.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid, or of two streams.</exception>
    public ResNet(ClassifierArchitecture architecture, Rng? rng)
        : base(architecture)
    {
        if (architecture.TwoStream)
            throw new ArgumentException("The architecture is of two streams.", nameof(architecture));
        var width = architecture.Width;
        _conv1 = Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        _bn1 = BatchNorm2d(width);
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
        _stages = [.. ResNetStages.Build(architecture)];
        for (var i = 0; i < _stages.Length; i++)
            register_module($"layer{i + 1}", _stages[i]);
        _fc = Linear(architecture.FeatureChannels, architecture.Categories);
        register_module("fc", _fc);
        if (rng is not null)
            Initialize(rng);
    }

    /// <inheritdoc/>
    public override (Tensor Weight, Tensor Bias) Classifier => (_fc.weight, _fc.bias!);

    /// <summary>Computes the last convolutional feature maps, which a CAM weighs.</summary>
    /// <param name="input">Float [N, 3, s, s] in [-1, 1].</param>
    /// <returns>Float [N, C, s / stride, s / stride]; the caller, or its dispose scope, disposes it.</returns>
    public Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.device_type == DeviceType.CPU ? ChannelsLast(input) : input;
        x = functional.relu(_bn1.call(_conv1.call(x)), inplace: true);
        x = functional.max_pool2d(x, 3, stride: 2, padding: 1);
        foreach (var stage in _stages)
            x = stage.call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> StreamFeatures(Tensor input) => [Features(input)];

    /// <inheritdoc/>
    public override Tensor Logits(IReadOnlyList<Tensor> features)
    {
        using var pooled = features[0].mean([2, 3]);
        return _fc.call(pooled);
    }

    /// <summary>
    /// The same values with a pixel's channels side by side in memory. Whatever is computed of them lies so as well, and a CPU's convolutions (oneDNN) take a quarter less time for it;
    /// they differ in the order of their sums alone. Source: https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html.
    /// </summary>
    private static Tensor ChannelsLast(Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private void Initialize(Rng rng)
    {
        foreach (var (_, module) in named_modules())
        {
            switch (module)
            {
                case Conv2d conv:
                    var fanOut = conv.weight.shape[0] * conv.weight.shape[2] * conv.weight.shape[3];
                    WeightInit.Normal(conv.weight, 0, Math.Sqrt(2.0 / fanOut), rng);
                    break;
                case Linear linear:
                    WeightInit.Uniform(linear.weight, 1 / Math.Sqrt(linear.weight.shape[1]), rng);
                    WeightInit.DefaultBias(linear.bias!, linear.weight, rng);
                    break;
            }
        }
    }
}
