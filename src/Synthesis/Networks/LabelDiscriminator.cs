using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>
/// The discriminator of a label-conditioned progressive GAN: one score of how real an image is, and K of its category. State-dict keys <c>rgb{level}</c>,
/// <c>block{level}_conv{i}</c>, <c>dense</c> and <c>score</c>. Source: Karras et al., ICLR 2018 (arXiv 1710.10196); Odena et al., ICML 2017 (AC-GAN).
/// </summary>
public sealed class LabelDiscriminator : nn.Module
{
    private readonly EqualizedConv[] _colors;
    private readonly EqualizedConv[][] _blocks;
    private readonly EqualizedLinear _dense;
    private readonly EqualizedLinear _score;

    /// <summary>Builds the network with fresh weights: N(0, 1), biases 0.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public LabelDiscriminator(LabelGeneratorArchitecture architecture, Rng? rng)
        : base(nameof(LabelDiscriminator))
    {
        ArgumentNullException.ThrowIfNull(architecture);
        architecture.Validate();
        _colors = new EqualizedConv[architecture.Levels];
        _blocks = new EqualizedConv[architecture.Levels][];
        for (var level = 0; level < architecture.Levels; level++)
        {
            var (below, own) = (architecture.ChannelsAt(Math.Max(0, level - 1)), architecture.ChannelsAt(level));
            _colors[level] = new EqualizedConv(3, own, 1, EqualizedLayer.ReluGain, rng);
            register_module($"rgb{level}", _colors[level]);
            _blocks[level] = level == 0 ? [Conv(own + 1, own, rng)] : [Conv(own, own, rng), Conv(own, below, rng)];
            for (var i = 0; i < _blocks[level].Length; i++)
                register_module($"block{level}_conv{i}", _blocks[level][i]);
        }

        var channels = architecture.Channels;
        _dense = new EqualizedLinear(channels * LabelGeneratorArchitecture.FirstSize * LabelGeneratorArchitecture.FirstSize, channels, EqualizedLayer.ReluGain, rng);
        _score = new EqualizedLinear(channels, 1 + architecture.Categories, 1, rng);
        register_module("dense", _dense);
        register_module("score", _score);
    }

    /// <summary>Judges images of a level.</summary>
    /// <param name="images">Float [N, 3, s, s], s the level's side, in [-1, 1].</param>
    /// <param name="level">The level.</param>
    /// <param name="alpha">How far the level has faded in: 0 the level below sees the images halved; 1 the level alone. Without meaning at level 0.</param>
    /// <returns>Float [N, 1 + K]: the score, then a logit a category; the caller, or its dispose scope, disposes it.</returns>
    public Tensor Judge(Tensor images, int level, double alpha)
    {
        ArgumentNullException.ThrowIfNull(images);
        var x = FromColors(level, images);
        for (var above = level; above > 0; above--)
        {
            x = GrowingLayers.Shrunk(Block(above, x));
            if (above == level && alpha < 1)
                x = GrowingLayers.Faded(FromColors(level - 1, GrowingLayers.Shrunk(images)), x, alpha);
        }

        x = Block(0, GrowingLayers.WithDeviation(x));
        return _score.call(GrowingLayers.Active(_dense.call(x.flatten(1))));
    }

    private static EqualizedConv Conv(int input, int output, Rng? rng) => new(input, output, 3, EqualizedLayer.ReluGain, rng);

    private Tensor FromColors(int level, Tensor images) => GrowingLayers.Active(_colors[level].call(images));

    private Tensor Block(int level, Tensor x) => _blocks[level].Aggregate(x, (y, conv) => GrowingLayers.Active(conv.call(y)));
}
