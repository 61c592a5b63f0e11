using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>
/// The generator of a label-conditioned progressive GAN: noise and category in, image out. State-dict keys <c>dense</c>, <c>block{level}_conv{i}</c> and <c>rgb{level}</c>,
/// each with <c>.weight</c> and <c>.bias</c>. Source: Karras et al., ICLR 2018 (arXiv 1710.10196); Odena et al., ICML 2017 (AC-GAN).
/// </summary>
public sealed class LabelGenerator : nn.Module
{
    private readonly EqualizedLinear _dense;
    private readonly EqualizedConv[][] _blocks;
    private readonly EqualizedConv[] _colors;

    /// <summary>Builds the network with fresh weights: N(0, 1), biases 0.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public LabelGenerator(LabelGeneratorArchitecture architecture, Rng? rng)
        : base(nameof(LabelGenerator))
    {
        ArgumentNullException.ThrowIfNull(architecture);
        architecture.Validate();
        Architecture = architecture;
        const int Cells = LabelGeneratorArchitecture.FirstSize * LabelGeneratorArchitecture.FirstSize;
        _dense = new EqualizedLinear(architecture.Noise + architecture.Categories, architecture.Channels * Cells, EqualizedLayer.ReluGain / 4, rng, Cells);
        register_module("dense", _dense);
        _blocks = new EqualizedConv[architecture.Levels][];
        _colors = new EqualizedConv[architecture.Levels];
        for (var level = 0; level < architecture.Levels; level++)
        {
            var (below, own) = (architecture.ChannelsAt(Math.Max(0, level - 1)), architecture.ChannelsAt(level));
            _blocks[level] = level == 0 ? [Conv(own, own, rng)] : [Conv(below, own, rng), Conv(own, own, rng)];
            for (var i = 0; i < _blocks[level].Length; i++)
                register_module($"block{level}_conv{i}", _blocks[level][i]);
            _colors[level] = new EqualizedConv(own, 3, 1, 1, rng);
            register_module($"rgb{level}", _colors[level]);
        }
    }

    /// <summary>What this network looks like.</summary>
    public LabelGeneratorArchitecture Architecture { get; }

    /// <summary>Computes images of the full size.</summary>
    /// <param name="noise">Float [N, Z], standard normal.</param>
    /// <param name="categories">Float [N, K], one-hot.</param>
    /// <returns>Float [N, 3, s, s], nominally in [-1, 1]; the caller, or its dispose scope, disposes it.</returns>
    public Tensor Generate(Tensor noise, Tensor categories) => Generate(noise, categories, Architecture.Levels - 1, 1);

    /// <summary>Computes images of a level.</summary>
    /// <param name="noise">Float [N, Z], standard normal.</param>
    /// <param name="categories">Float [N, K], one-hot.</param>
    /// <param name="level">0 to <see cref="LabelGeneratorArchitecture.Levels"/> - 1.</param>
    /// <param name="alpha">How far the level has faded in: 0 the level below, enlarged; 1 the level alone. Without meaning at level 0.</param>
    /// <returns>Float [N, 3, s, s], s the level's side, nominally in [-1, 1]; the caller, or its dispose scope, disposes it.</returns>
    public Tensor Generate(Tensor noise, Tensor categories, int level, double alpha)
    {
        var side = LabelGeneratorArchitecture.FirstSize;
        var input = GrowingLayers.PixelNorm(cat([noise, categories], 1));
        var x = Normed(_dense.call(input).reshape(noise.shape[0], Architecture.Channels, side, side));
        x = Block(0, x);
        for (var above = 1; above < level; above++)
            x = Block(above, GrowingLayers.Twice(x));
        if (level == 0)
            return _colors[0].call(x);
        var own = _colors[level].call(Block(level, GrowingLayers.Twice(x)));
        return alpha >= 1 ? own : GrowingLayers.Faded(GrowingLayers.Twice(_colors[level - 1].call(x)), own, alpha);
    }

    private static EqualizedConv Conv(int input, int output, Rng? rng) => new(input, output, 3, EqualizedLayer.ReluGain, rng);

    private static Tensor Normed(Tensor x) => GrowingLayers.PixelNorm(GrowingLayers.Active(x));

    private Tensor Block(int level, Tensor x) => _blocks[level].Aggregate(x, (y, conv) => Normed(conv.call(y)));
}
