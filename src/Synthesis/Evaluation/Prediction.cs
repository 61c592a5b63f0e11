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
    /// <param name="examples">The images, or pairs for a network of two streams; labels are not looked at.</param>
    /// <param name="batchSize">Examples at once, at least 1. Default 8.</param>
    /// <param name="device">The device the network is on. Default the CPU.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>K softmax probabilities an example, in the set's order.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static float[][] Predict(ClassifierNetwork network, ExampleSet examples, int batchSize = 8, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var size = network.Architecture.Size;
        var count = checked((int)examples.Examples);
        var probabilities = new List<float[]>(count);
        using var mode = new EvaluationMode(network);
        foreach (var indices in Enumerable.Range(0, count).Chunk(batchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Example[] drawn = [.. indices.Select(i => examples.At(i))];
            var streams = examples.Streams.Select((stream, s) => ImageTensors.ToTensor([.. drawn.Select(e => PilResize.Bicubic(stream.Load(e.Images[s]), size, size))], device)).ToArray();
            var batch = streams is [var only] ? only : cat(streams, 1);
            probabilities.AddRange(ClassActivation.Rows(network.call(batch).softmax(1)));
        }

        return [.. probabilities];
    }
}
