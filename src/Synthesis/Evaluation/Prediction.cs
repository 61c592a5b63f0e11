using Factory.Synthesis.Cams;
using Factory.Synthesis.Imaging;
using Factory.Synthesis.Networks;
using Factory.Synthesis.Training;
using static TorchSharp.torch;

namespace Factory.Synthesis.Evaluation;

/// <summary>Runs a classifier over images.</summary>
public static class Prediction
{
    /// <summary>Predicts every image of a set, resized to the network's size by Pillow-equal bicubic, in evaluation mode.</summary>
    /// <param name="network">The classifier; its mode is put back.</param>
    /// <param name="images">The images; labels are not looked at.</param>
    /// <param name="batchSize">Images at once, at least 1. Default 8.</param>
    /// <param name="device">The device the network is on. Default the CPU.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>K softmax probabilities an image, in the set's order.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static float[][] Predict(ResNet network, ImageSet images, int batchSize = 8, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var size = network.Architecture.Size;
        var probabilities = new List<float[]>(images.Count);
        using var mode = new EvaluationMode(network);
        foreach (var indices in Enumerable.Range(0, images.Count).Chunk(batchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = ImageTensors.ToTensor([.. indices.Select(i => PilResize.Bicubic(images.Load(i), size, size))], device);
            probabilities.AddRange(ClassActivation.Rows(network.call(batch).softmax(1)));
        }

        return [.. probabilities];
    }
}
