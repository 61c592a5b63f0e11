using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using static TorchSharp.torch;

namespace Factory.Synthesis.Evaluation;

/// <summary>What a classifier says of one image.</summary>
/// <param name="Probabilities">K softmax probabilities.</param>
/// <param name="Cam">Its CAM.</param>
/// <param name="Features">Its C features: the last feature maps, averaged over the image.</param>
public sealed record Judgement(float[] Probabilities, Cam Cam, float[] Features);

/// <summary>Asks a classifier of one stream for all that it can say of images, in one pass.</summary>
public static class Judging
{
    /// <summary>Judges images, resized to the network's size by Pillow-equal bicubic, all at once, in evaluation mode and without gradients.</summary>
    /// <param name="network">The classifier; its mode is put back.</param>
    /// <param name="images">At least one image.</param>
    /// <param name="device">The device the network is on. Default the CPU.</param>
    /// <returns>One judgement an image, in order. Managed copies; no tensor is left alive.</returns>
    /// <exception cref="ArgumentException">An activation is not finite.</exception>
    public static IReadOnlyList<Judgement> Judge(ResNet network, IReadOnlyList<RgbImage> images, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var size = network.Architecture.Size;
        using var mode = new EvaluationMode(network);
        using var scope = NewDisposeScope();
        var maps = network.Features(ImageTensors.ToTensor([.. images.Select(image => PilResize.Bicubic(image, size, size))], device));
        var cams = ClassActivation.CamsOf(nn.functional.conv2d(maps, network.Classifier.Weight.unsqueeze(2).unsqueeze(3)));
        var probabilities = ClassActivation.Rows(network.Logits([maps]).softmax(1));
        var features = ClassActivation.Rows(maps.mean([2, 3]));
        return [.. cams.Select((cam, i) => new Judgement(probabilities[i], cam, features[i]))];
    }
}
