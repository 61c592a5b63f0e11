namespace Factory.Synthesis.Training;

/// <summary>
/// The step that a round of replicas' training makes as a whole: what all replicas moved by on average is taken for a gradient, and SGD with Nesterov's momentum follows it.
/// With g = start - mean: m = momentum m + g; start - rate (g + momentum m). Rate 1 and momentum 0 is plain averaging.
/// Source: Douillard et al., "DiLoCo", arXiv 2311.08105, algorithm 1; Nesterov's form is that of PyTorch's SGD.
/// </summary>
/// <param name="LearningRate">Above 0. Published 0.7.</param>
/// <param name="Momentum">0 to below 1. Published 0.9.</param>
public sealed record OuterStep(double LearningRate = 0.7, double Momentum = 0.9)
{
    /// <summary>Checks both.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        if (!(LearningRate > 0) || !(Momentum >= 0 && Momentum < 1))
            throw new ArgumentException($"Outer learning rate {LearningRate} must be above 0, outer momentum {Momentum} in 0 to below 1.");
    }

    /// <summary>Makes the step for one tensor, in float64.</summary>
    /// <param name="start">What the round began with.</param>
    /// <param name="mean">The replicas' mean after it, overwritten with what the next round begins with.</param>
    /// <param name="momentum">The momentum, overwritten with the new one; all 0 before the first round.</param>
    internal void Apply(ReadOnlySpan<float> start, Span<double> mean, Span<float> momentum)
    {
        for (var i = 0; i < mean.Length; i++)
        {
            var gradient = start[i] - mean[i];
            var moved = (Momentum * momentum[i]) + gradient;
            momentum[i] = (float)moved;
            mean[i] = start[i] - (LearningRate * (gradient + (Momentum * moved)));
        }
    }
}
