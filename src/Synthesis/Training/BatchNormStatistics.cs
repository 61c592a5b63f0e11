using Factory.Synthesis.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Synthesis.Training;

/// <summary>
/// Recomputes the statistics evaluation uses of a network whose weights stand still. The running means left by training lag behind weights
/// that move fast, and a classifier that is right in training mode can then be wrong of every image.
/// Source: Wu and Johnson, "Rethinking 'Batch' in BatchNorm", arXiv 2105.07576, section 3 (precise BN).
/// </summary>
internal static class BatchNormStatistics
{
    /// <summary>Replaces each norm's mean and variance by the plain averages over the batches; weights and training mode's results stay as they are.</summary>
    internal static void Recompute(ClassifierNetwork network, int batches, Func<Tensor> next)
    {
        var norms = network.modules().OfType<BatchNorm2d>().Select(norm => (Norm: norm, norm.momentum)).ToArray();
        network.train();
        using var guard = no_grad();
        for (var done = 0; done < batches; done++)
        {
            using var scope = NewDisposeScope();
            foreach (var (norm, _) in norms)
                norm.momentum = 1.0 / (done + 1);
            network.call(next());
        }

        foreach (var (norm, momentum) in norms)
            norm.momentum = momentum;
    }
}
