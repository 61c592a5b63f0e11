using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// pix2pixHD's global generator: condition map in, image out. State-dict keys <c>model.N...</c> as published.
/// Input float [N, K-1, s, s] in [-1, 1]; output float [N, 3, s, s] in (-1, 1). Source: Wang et al., CVPR 2018, appendix.
/// </summary>
public sealed class GlobalGenerator : Module<Tensor, Tensor>
{
    private readonly Sequential _model;

    /// <summary>Builds the network with fresh weights: convolutions N(0, 0.02), batch-norm weights N(1, 0.02), biases torch's default.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public GlobalGenerator(GeneratorArchitecture architecture, Rng? rng)
        : base(nameof(GlobalGenerator))
    {
        architecture.Validate();
        Architecture = architecture;
        _model = Sequential(Layers(architecture).Select((layer, index) => ($"{index}", layer)));
        register_module("model", _model);
        if (rng is not null)
            GanInit.Apply(this, rng);
    }

    /// <summary>What this network looks like.</summary>
    public GeneratorArchitecture Architecture { get; }

    /// <summary>Computes images from condition maps.</summary>
    /// <param name="input">Float [N, K-1, s, s] in [-1, 1]; s a multiple of 2 to the number of downsamplings.</param>
    /// <returns>Float [N, 3, s, s] in (-1, 1); the caller, or its dispose scope, disposes it.</returns>
    public override Tensor forward(Tensor input) => _model.call(input);

    private static IEnumerable<Module<Tensor, Tensor>> Layers(GeneratorArchitecture a)
    {
        yield return ReflectionPad2d(3);
        yield return Conv2d(a.InputChannels, a.Ngf, 7);
        yield return Norm.Create(a.Norm, a.Ngf);
        yield return ReLU(inplace: true);
        for (var i = 0; i < a.Downsamplings; i++)
        {
            yield return Conv2d(a.Ngf << i, a.Ngf << (i + 1), 3, stride: 2, padding: 1);
            yield return Norm.Create(a.Norm, a.Ngf << (i + 1));
            yield return ReLU(inplace: true);
        }

        for (var i = 0; i < a.Blocks; i++)
            yield return new GeneratorBlock(a.Ngf << a.Downsamplings, a.Norm);
        for (var i = a.Downsamplings; i > 0; i--)
        {
            yield return ConvTranspose2d(a.Ngf << i, a.Ngf << (i - 1), 3, stride: 2, padding: 1, output_padding: 1);
            yield return Norm.Create(a.Norm, a.Ngf << (i - 1));
            yield return ReLU(inplace: true);
        }

        yield return ReflectionPad2d(3);
        yield return Conv2d(a.Ngf, 3, 7);
        yield return Tanh();
    }
}

/// <summary>A residual block of the generator: two reflection-padded 3x3 convolutions, added to the input with no ReLU after.</summary>
internal sealed class GeneratorBlock : Module<Tensor, Tensor>
{
    private readonly Sequential _body;

    internal GeneratorBlock(int channels, NormKind norm)
        : base(nameof(GeneratorBlock))
    {
        _body = Sequential(
            ("0", ReflectionPad2d(1)),
            ("1", Conv2d(channels, channels, 3)),
            ("2", Norm.Create(norm, channels)),
            ("3", ReLU(inplace: true)),
            ("4", ReflectionPad2d(1)),
            ("5", Conv2d(channels, channels, 3)),
            ("6", Norm.Create(norm, channels)));
        register_module("conv_block", _body);
    }

    public override Tensor forward(Tensor input)
    {
        using var change = _body.call(input);
        return input + change;
    }
}
