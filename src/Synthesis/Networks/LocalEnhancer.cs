using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// pix2pixHD's global generator with a local enhancer around it, stage 2. State-dict keys as published: <c>model</c> is the global generator, twice as wide,
/// without its last three layers; it sees the input halved. <c>model1_1</c> takes the whole input down by two; the two are added, and <c>model1_2</c>
/// makes the image. Source: Wang et al., CVPR 2018, section 3.1 and appendix.
/// </summary>
public sealed class LocalEnhancer : ImageGenerator
{
    /// <summary>What the keys of the global part begin with.</summary>
    public const string GlobalPrefix = "model.";

    private readonly Sequential _global;
    private readonly Sequential _down;
    private readonly Sequential _up;

    /// <summary>Builds the network with fresh weights, drawn as the global generator's.</summary>
    /// <param name="architecture">What to build; its <see cref="GeneratorArchitecture.Ngf"/> is the enhancer's, the global part has twice as many.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid, or has no local enhancer.</exception>
    public LocalEnhancer(GeneratorArchitecture architecture, Rng? rng)
        : base(nameof(LocalEnhancer), architecture)
    {
        if (architecture.LocalBlocks is not { } blocks)
            throw new ArgumentException($"Architecture {architecture.Name} has no local enhancer; it is a {nameof(GlobalGenerator)}.", nameof(architecture));
        var ngf = architecture.Ngf;
        _global = GeneratorLayers.Numbered(GeneratorLayers.Body(architecture, ngf * 2));
        _down = GeneratorLayers.Numbered(GeneratorLayers.First(architecture.InputChannels, ngf, architecture.Norm).Concat(GeneratorLayers.Down(ngf, architecture.Norm)));
        _up = GeneratorLayers.Numbered(
            Enumerable.Range(0, blocks).Select(_ => (Module<Tensor, Tensor>)new GeneratorBlock(ngf * 2, architecture.Norm))
                .Concat(GeneratorLayers.Up(ngf, architecture.Norm)).Concat(GeneratorLayers.Head(ngf)));
        register_module("model", _global);
        register_module("model1_1", _down);
        register_module("model1_2", _up);
        if (rng is not null)
            GanInit.Apply(this, rng);
    }

    /// <summary>Computes images from condition maps.</summary>
    /// <param name="input">Float [N, K-1, s, s] in [-1, 1]; s a multiple of 2 to one more than the number of downsamplings.</param>
    /// <returns>Float [N, 3, s, s] in (-1, 1); the caller, or its dispose scope, disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var half = functional.avg_pool2d(input, 3, stride: 2, padding: 1, count_include_pad: false);
        using var coarse = _global.call(half);
        using var fine = _down.call(input);
        using var sum = fine + coarse;
        return _up.call(sum);
    }
}
