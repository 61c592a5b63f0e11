using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// pix2pixHD's two patch discriminators, one on the full image and one on it halved. State-dict keys <c>scale{s}_layer{j}.{0,1}</c> as published;
/// <c>scale1</c> sees the full resolution. Source: Wang et al., CVPR 2018, section 3.2.
/// </summary>
public sealed class MultiscaleDiscriminator : Module
{
    /// <summary>Number of resolutions judged.</summary>
    public const int Scales = 2;

    /// <summary>Layers a scale; the outputs of all but the last are the features that are matched.</summary>
    public const int LayersPerScale = 5;

    private readonly Sequential[][] _layers;

    /// <summary>Builds the network with fresh weights, drawn as the generator's.</summary>
    /// <param name="architecture">Its <see cref="GeneratorArchitecture.Ndf"/>, <see cref="GeneratorArchitecture.Norm"/> and <see cref="GeneratorArchitecture.InputChannels"/> are used.</param>
    /// <param name="rng">The stream the weights are drawn from, or null where weights are loaded next: they are unspecified until then.</param>
    /// <exception cref="ArgumentException">The architecture is not valid.</exception>
    public MultiscaleDiscriminator(GeneratorArchitecture architecture, Rng? rng)
        : base(nameof(MultiscaleDiscriminator))
    {
        architecture.Validate();
        _layers = [.. Enumerable.Range(0, Scales).Select(_ => Layers(architecture).ToArray())];
        for (var s = 0; s < Scales; s++)
        {
            for (var j = 0; j < LayersPerScale; j++)
                register_module($"scale{s}_layer{j}", _layers[s][j]);
        }

        if (rng is not null)
            GanInit.Apply(this, rng);
    }

    /// <summary>Judges pairs of condition map and image.</summary>
    /// <param name="input">Float [N, K-1+3, s, s] in [-1, 1]: the condition map's channels, then the image's.</param>
    /// <returns>For each resolution, full first, the outputs of its layers, the patch scores last; the caller, or its dispose scope, disposes them.</returns>
    public IReadOnlyList<IReadOnlyList<Tensor>> Judge(Tensor input)
    {
        var judged = new List<IReadOnlyList<Tensor>>();
        var x = input;
        for (var s = Scales - 1; s >= 0; s--)
        {
            var outputs = new List<Tensor>();
            var y = x;
            foreach (var layer in _layers[s])
            {
                y = layer.call(y);
                outputs.Add(y);
            }

            judged.Add(outputs);
            if (s > 0)
                x = functional.avg_pool2d(x, 3, stride: 2, padding: 1, count_include_pad: false);
        }

        return judged;
    }

    private static IEnumerable<Sequential> Layers(GeneratorArchitecture a)
    {
        var n = a.Ndf;
        yield return Layer(a.InputChannels + 3, n, 2, null);
        yield return Layer(n, n * 2, 2, a.Norm);
        yield return Layer(n * 2, n * 4, 2, a.Norm);
        yield return Layer(n * 4, n * 8, 1, a.Norm);
        yield return Sequential(("0", Conv2d(n * 8, 1, 4, stride: 1, padding: 2)));
    }

    private static Sequential Layer(int input, int output, int stride, NormKind? norm)
    {
        var conv = ("0", (Module<Tensor, Tensor>)Conv2d(input, output, 4, stride: stride, padding: 2));
        return norm is { } kind
            ? Sequential(conv, ("1", Norm.Create(kind, output)), ("2", LeakyReLU(0.2, inplace: true)))
            : Sequential(conv, ("1", LeakyReLU(0.2, inplace: true)));
    }
}
