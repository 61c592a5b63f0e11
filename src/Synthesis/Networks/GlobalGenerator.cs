using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>pix2pixHD's global generator, stage 1. State-dict keys <c>model.N...</c> as published. Source: Wang et al., CVPR 2018, appendix.</summary>
public sealed class GlobalGenerator : ImageGenerator
{
    private readonly Sequential _model;

    /// <summary>Builds the network with fresh weights: convolutions N(0, 0.02), batch-norm weights N(1, 0.02), biases torch's default.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid, or has a local enhancer.</exception>
    public GlobalGenerator(GeneratorArchitecture architecture, Rng? rng)
        : base(nameof(GlobalGenerator), architecture)
    {
        if (architecture.LocalBlocks is not null)
            throw new ArgumentException($"Architecture {architecture.Name} has a local enhancer; it is a {nameof(LocalEnhancer)}.", nameof(architecture));
        _model = GeneratorLayers.Numbered(GeneratorLayers.Body(architecture, architecture.Ngf).Concat(GeneratorLayers.Head(architecture.Ngf)));
        register_module("model", _model);
        if (rng is not null)
            GanInit.Apply(this, rng);
    }

    /// <summary>Computes images from condition maps.</summary>
    /// <param name="input">Float [N, K-1, s, s] in [-1, 1]; s a multiple of 2 to the number of downsamplings.</param>
    /// <returns>Float [N, 3, s, s] in (-1, 1); the caller, or its dispose scope, disposes it.</returns>
    public override Tensor forward(Tensor input) => _model.call(input);
}
