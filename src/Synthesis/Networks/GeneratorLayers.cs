using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>The runs of layers that the generators are made of. Source: Wang et al., CVPR 2018, appendix.</summary>
internal static class GeneratorLayers
{
    /// <summary>A sequence whose keys are the layers' numbers.</summary>
    internal static Sequential Numbered(IEnumerable<Module<Tensor, Tensor>> layers) => Sequential(layers.Select((layer, index) => ($"{index}", layer)));

    /// <summary>The global generator up to its last features: first convolution, downsamplings, residual blocks, upsamplings.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> Body(GeneratorArchitecture a, int ngf) =>
        First(a.InputChannels, ngf, a.Norm)
            .Concat(Enumerable.Range(0, a.Downsamplings).SelectMany(i => Down(ngf << i, a.Norm)))
            .Concat(Enumerable.Range(0, a.Blocks).Select(_ => new GeneratorBlock(ngf << a.Downsamplings, a.Norm)))
            .Concat(Enumerable.Range(0, a.Downsamplings).Reverse().SelectMany(i => Up(ngf << i, a.Norm)));

    /// <summary>A 7x7 convolution on reflected borders.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> First(int input, int output, NormKind norm) =>
        [ReflectionPad2d(3), Conv2d(input, output, 7), Norm.Create(norm, output), ReLU(inplace: true)];

    /// <summary>Half the side, twice the channels.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> Down(int channels, NormKind norm) =>
        [Conv2d(channels, channels * 2, 3, stride: 2, padding: 1), Norm.Create(norm, channels * 2), ReLU(inplace: true)];

    /// <summary>Twice the side, down to that many channels from twice as many.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> Up(int channels, NormKind norm) =>
        [ConvTranspose2d(channels * 2, channels, 3, stride: 2, padding: 1, output_padding: 1), Norm.Create(norm, channels), ReLU(inplace: true)];

    /// <summary>From features to an image.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> Head(int channels) => [ReflectionPad2d(3), Conv2d(channels, 3, 7), Tanh()];
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
