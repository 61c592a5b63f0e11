using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>
/// A network that tells categories apart by images of one or more streams: features of each stream, global average, one linear layer over all of them.
/// Input float [N, 3 S, s, s] in [-1, 1], the RGB image of each of the S streams after one another; output logits [N, K].
/// </summary>
public abstract class ClassifierNetwork : nn.Module<Tensor, Tensor>
{
    private protected ClassifierNetwork(ClassifierArchitecture architecture)
        : base(architecture.Word)
    {
        architecture.Validate();
        Architecture = architecture;
    }

    /// <summary>What this network looks like.</summary>
    public ClassifierArchitecture Architecture { get; }

    /// <summary>The weight [K, S C] and bias [K] that decide; owned by the network.</summary>
    public abstract (Tensor Weight, Tensor Bias) Classifier { get; }

    /// <summary>The parameters that training changes, by state-dict key.</summary>
    internal virtual IReadOnlyList<(string Name, Parameter Parameter)> Trained => [.. named_parameters().Select(p => (p.name, p.parameter))];

    /// <summary>Builds the network of an architecture.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <returns>The network; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public static ClassifierNetwork Create(ClassifierArchitecture architecture, Rng? rng) =>
        architecture.TwoStream ? new TwoStreamNetwork(architecture, rng) : new ResNet(architecture, rng);

    /// <summary>Computes the last convolutional feature maps of each stream, which CAMs weigh.</summary>
    /// <param name="input">Float [N, 3 S, s, s] in [-1, 1].</param>
    /// <returns>S times float [N, C, s / stride, s / stride]; the caller, or its dispose scope, disposes them.</returns>
    public abstract IReadOnlyList<Tensor> StreamFeatures(Tensor input);

    /// <summary>Computes the logits from feature maps: global averages, then the linear layer.</summary>
    /// <param name="features">What <see cref="StreamFeatures"/> returned.</param>
    /// <returns>Float [N, K]; the caller, or its dispose scope, disposes it.</returns>
    public abstract Tensor Logits(IReadOnlyList<Tensor> features);

    /// <summary>Computes the logits.</summary>
    /// <param name="input">Float [N, 3 S, s, s] in [-1, 1].</param>
    /// <returns>Float [N, K]; the caller, or its dispose scope, disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Logits(StreamFeatures(input)).MoveToOuterDisposeScope();
    }

    // Modules are registered under their published names, and not under those of fields as well, as a parent would have it.
    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
    }
}
