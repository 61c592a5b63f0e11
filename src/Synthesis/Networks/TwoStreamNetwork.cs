using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// MM-CNN: a ResNet for each of two modalities, <c>model1</c> for CFP and <c>model2</c> for OCT; their feature maps are averaged, joined, and judged by one
/// linear layer <c>fc_cat</c>. The streams' own <c>fc</c> decide nothing and are never trained; they are kept so that the state dict is the published one.
/// Source: Wang et al., MICCAI 2019, arXiv 1907.12023, and J-BHI 2022, arXiv 2012.01879.
/// </summary>
public sealed class TwoStreamNetwork : ClassifierNetwork
{
    private const string Unused = "fc.";
    private readonly ResNet[] _streams;
    private readonly Linear _fc;

    /// <summary>Builds the network with fresh weights: each stream as <see cref="ResNet"/> does, <c>fc_cat</c> torch's default.</summary>
    /// <param name="architecture">What to build; <see cref="ClassifierArchitecture.TwoStream"/> must be set.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid, or of one stream.</exception>
    public TwoStreamNetwork(ClassifierArchitecture architecture, Rng? rng)
        : base(architecture)
    {
        if (!architecture.TwoStream)
            throw new ArgumentException("The architecture is of one stream.", nameof(architecture));
        var stream = architecture with { TwoStream = false };
        _streams = [new ResNet(stream, rng), new ResNet(stream, rng)];
        register_module("model1", _streams[0]);
        register_module("model2", _streams[1]);
        _fc = Linear(2L * architecture.FeatureChannels, architecture.Categories);
        register_module("fc_cat", _fc);
        if (rng is null)
            return;
        WeightInit.Uniform(_fc.weight, 1 / Math.Sqrt(_fc.weight.shape[1]), rng);
        WeightInit.DefaultBias(_fc.bias!, _fc.weight, rng);
    }

    /// <inheritdoc/>
    public override (Tensor Weight, Tensor Bias) Classifier => (_fc.weight, _fc.bias!);

    internal override IReadOnlyList<(string Name, Parameter Parameter)> Trained =>
        [.. base.Trained.Where(p => !p.Name.StartsWith("model1." + Unused, StringComparison.Ordinal) && !p.Name.StartsWith("model2." + Unused, StringComparison.Ordinal))];

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> StreamFeatures(Tensor input)
    {
        using var scope = NewDisposeScope();
        var halves = input.split(3, 1);
        return [.. _streams.Select((stream, i) => stream.Features(halves[i]).MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public override Tensor Logits(IReadOnlyList<Tensor> features)
    {
        using var scope = NewDisposeScope();
        return _fc.call(cat([.. features.Select(maps => maps.mean([2, 3]))], 1)).MoveToOuterDisposeScope();
    }
}
