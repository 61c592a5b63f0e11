using System.Runtime.InteropServices;
using Factory.Synthesis.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Synthesis.Cams;

/// <summary>What a classifier says of a batch of images: where (CAMs) and what (logits, probabilities).</summary>
/// <param name="Cams">One CAM an image.</param>
/// <param name="Logits">K logits an image.</param>
/// <param name="Probabilities">K softmax probabilities an image.</param>
public sealed record ClassActivationResult(IReadOnlyList<Cam> Cams, IReadOnlyList<float[]> Logits, IReadOnlyList<float[]> Probabilities);

/// <summary>What a classifier of several streams says of a batch of examples.</summary>
/// <param name="Cams">For each stream one CAM an example.</param>
/// <param name="Logits">K logits an example.</param>
/// <param name="Probabilities">K softmax probabilities an example.</param>
public sealed record StreamActivationResult(IReadOnlyList<IReadOnlyList<Cam>> Cams, IReadOnlyList<float[]> Logits, IReadOnlyList<float[]> Probabilities);

/// <summary>
/// Class activation mapping: M_c = sum over k of W[c, k] F_k, with F the last feature maps and W the linear layer's weight; no bias, no ReLU, no normalization.
/// The mean of M_c plus the bias of c is the logit of c. Source: Zhou et al., CVPR 2016.
/// </summary>
public static class ClassActivation
{
    /// <summary>Computes CAMs, in evaluation mode and without gradients; the network's mode is put back.</summary>
    /// <param name="network">The classifier.</param>
    /// <param name="batch">Float [N, 3, s, s] in [-1, 1] on the network's device; still the caller's.</param>
    /// <returns>Managed copies; no tensor is left alive.</returns>
    /// <exception cref="ArgumentException">An activation is not finite.</exception>
    public static ClassActivationResult Compute(ResNet network, Tensor batch)
    {
        var result = ComputeStreams(network, batch);
        return new ClassActivationResult(result.Cams[0], result.Logits, result.Probabilities);
    }

    /// <summary>
    /// Computes the CAMs of every stream, each by its own part of the linear layer's weight: the means of an example's maps of c over all streams plus the bias of c are
    /// the logit of c.
    /// </summary>
    /// <param name="network">The classifier.</param>
    /// <param name="batch">Float [N, 3 S, s, s] in [-1, 1] on the network's device; still the caller's.</param>
    /// <returns>Managed copies; no tensor is left alive.</returns>
    /// <exception cref="ArgumentException">An activation is not finite.</exception>
    public static StreamActivationResult ComputeStreams(ClassifierNetwork network, Tensor batch)
    {
        using var mode = new EvaluationMode(network);
        using var scope = NewDisposeScope();
        var features = network.StreamFeatures(batch);
        var weights = network.Classifier.Weight.chunk(features.Count, 1);
        var logits = network.Logits(features);
        return new StreamActivationResult(
            [.. features.Select((maps, stream) => CamsOf(nn.functional.conv2d(maps, weights[stream].unsqueeze(2).unsqueeze(3))))],
            Rows(logits), Rows(logits.softmax(1)));
    }

    internal static Cam[] CamsOf(Tensor maps)
    {
        var (k, h, w) = ((int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3]);
        return [.. Rows(maps).Select(values => new Cam(k, h, w, values))];
    }

    /// <summary>Copies a tensor out, an array for each index of its first dimension.</summary>
    internal static float[][] Rows(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes);
        var length = values.Length / (int)tensor.shape[0];
        var rows = new float[tensor.shape[0]][];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = values.Slice(i * length, length).ToArray();
        return rows;
    }
}
