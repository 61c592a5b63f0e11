using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Networks;

/// <summary>
/// A condition-map generator of pix2pixHD: condition map in, image out. Input float [N, K-1, s, s] in [-1, 1]; output float [N, 3, s, s] in (-1, 1).
/// State-dict keys as published. Source: Wang et al., CVPR 2018.
/// </summary>
public abstract class ImageGenerator : nn.Module<Tensor, Tensor>
{
    /// <summary>Checks and keeps the architecture.</summary>
    /// <param name="name">The module's name.</param>
    /// <param name="architecture">What is built.</param>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    protected ImageGenerator(string name, GeneratorArchitecture architecture)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        architecture.Validate();
        Architecture = architecture;
    }

    /// <summary>What this network looks like.</summary>
    public GeneratorArchitecture Architecture { get; }

    /// <summary>Type of the weights, which inputs must share: float32 unless the network was converted.</summary>
    public ScalarType ElementType => parameters().First().dtype;

    /// <summary>Builds the generator of an architecture: <see cref="LocalEnhancer"/> where it has local blocks, else <see cref="GlobalGenerator"/>.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <returns>The network, in training mode; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public static ImageGenerator Create(GeneratorArchitecture architecture, Rng? rng)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return architecture.LocalBlocks is null ? new GlobalGenerator(architecture, rng) : new LocalEnhancer(architecture, rng);
    }
}
