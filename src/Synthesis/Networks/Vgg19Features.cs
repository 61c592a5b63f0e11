using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Factory.Synthesis.Networks;

/// <summary>
/// The convolutions of VGG19 up to relu5_1, with torchvision's state-dict keys <c>features.N.{weight,bias}</c>, for the perceptual loss. Weights never learn.
/// Input float [N, 3, s, s] in [-1, 1], as it is. Source: Simonyan and Zisserman, ICLR 2015; Wang et al., CVPR 2018, section 3.3.
/// </summary>
public sealed class Vgg19Features : Module
{
    /// <summary>Name of the architecture.</summary>
    public const string Name = "vgg19";

    /// <summary>Side in pixels of the images it was trained on; the loss takes any size.</summary>
    public const int PublishedSize = 224;

    private const string Prefix = "features.";
    private static readonly int[] ConvolutionsOfStage = [2, 2, 4, 4, 1];

    private readonly Sequential _features;
    private readonly HashSet<int> _tapped = [];

    /// <summary>Builds the network; weights are unspecified until they are loaded.</summary>
    /// <param name="width">Channels of the first stage, at least 1. Default 64, the published width.</param>
    public Vgg19Features(int width = 64)
        : base(nameof(Vgg19Features))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _features = GeneratorLayers.Numbered(Layers(width));
        register_module("features", _features);
        foreach (var parameter in parameters())
            parameter.requires_grad = false;
        eval();
    }

    /// <summary>Reads the network from torchvision's weights. Layers above relu5_1 may be there and are left out; the width is that of the file.</summary>
    /// <param name="file">The file, which keeps its tensors.</param>
    /// <returns>The network; the caller disposes it.</returns>
    /// <exception cref="CheckpointException">A layer is missing or has another shape; the message names it.</exception>
    public static Vgg19Features Load(SafeTensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsThere(file))
            throw new CheckpointException($"This is no VGG19: it has no four-dimensional '{Prefix}0.weight' on three channels.");
        var network = new Vgg19Features((int)file.Tensors[Prefix + "0.weight"].shape[0]);
        try
        {
            var own = network.state_dict();
            Weights.Load(network, file.Tensors.Where(t => own.ContainsKey(t.Key)).ToDictionary());
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file looks like torchvision's VGG19; <see cref="Load"/> says whether it is one.</summary>
    /// <param name="file">The file.</param>
    /// <returns>True where it has the first convolution's weight.</returns>
    internal static bool IsThere(SafeTensorsFile file) =>
        file.Tensors.TryGetValue(Prefix + "0.weight", out var first) && first.shape is [_, 3, 3, 3] && file.Tensors.ContainsKey(Prefix + "28.weight");

    /// <summary>Computes relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1.</summary>
    /// <param name="images">Float [N, 3, s, s] in [-1, 1]; s at least 16.</param>
    /// <returns>Five feature maps; the caller's dispose scope disposes them.</returns>
    public IReadOnlyList<Tensor> Features(Tensor images)
    {
        var maps = new List<Tensor>();
        var x = images;
        var index = 0;
        foreach (var layer in _features.children().Cast<Module<Tensor, Tensor>>())
        {
            x = layer.call(x);
            if (_tapped.Contains(index++))
                maps.Add(x);
        }

        return maps;
    }

    private IEnumerable<Module<Tensor, Tensor>> Layers(int width)
    {
        var (index, channels) = (0, 3);
        for (var stage = 0; stage < ConvolutionsOfStage.Length; stage++)
        {
            if (stage > 0)
            {
                yield return MaxPool2d(2);
                index++;
            }

            // A convolution and a ReLU take two numbers; the first ReLU of a stage is looked at.
            _tapped.Add(index + 1);
            var output = width * Math.Min(1 << stage, 8);
            for (var i = 0; i < ConvolutionsOfStage[stage]; i++, index += 2)
            {
                yield return Conv2d(channels, output, 3, padding: 1);
                yield return ReLU();
                channels = output;
            }
        }
    }
}
