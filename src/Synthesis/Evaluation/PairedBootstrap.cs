namespace Factory.Synthesis.Evaluation;

/// <summary>A difference with its bootstrap confidence interval.</summary>
/// <param name="Difference">Metric of the second minus metric of the first, on all images.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Resamples">Resamples in which both metrics were defined.</param>
public sealed record BootstrapInterval(double Difference, double Low, double High, int Resamples);

/// <summary>Whether two classifiers judged on the same images differ by more than chance: percentile bootstrap over images. Source: Efron, 1979.</summary>
public static class PairedBootstrap
{
    /// <summary>Computes the interval of a difference.</summary>
    /// <param name="labels">True categories.</param>
    /// <param name="first">The first classifier's probabilities, an array an image.</param>
    /// <param name="second">The second's, for the same images in the same order.</param>
    /// <param name="metric">The metric, such as <c>m =&gt; m.MacroSenSpeF1</c>; null where undefined.</param>
    /// <param name="seed">Seed of the resampling; equal seeds give equal intervals.</param>
    /// <param name="resamples">Resamples drawn, at least 100. Default 1000.</param>
    /// <param name="confidence">Confidence, above 0 and below 1. Default 0.95.</param>
    /// <returns>The difference and its interval.</returns>
    /// <exception cref="ArgumentException">Lengths differ, the metric is undefined on all images or in every resample, or an option is out of range.</exception>
    public static BootstrapInterval Compare(
        IReadOnlyList<int> labels,
        IReadOnlyList<float[]> first,
        IReadOnlyList<float[]> second,
        Func<ClassificationMetrics, double?> metric,
        ulong seed,
        int resamples = 1000,
        double confidence = 0.95)
    {
        if (labels.Count != first.Count || labels.Count != second.Count)
            throw new ArgumentException($"A paired comparison needs the same images, got {labels.Count} labels, {first.Count} and {second.Count} predictions.");
        double? Difference(int[] picked)
        {
            int[] picks = [.. picked.Select(i => labels[i])];
            return metric(ClassificationMetrics.From(picks, [.. picked.Select(i => second[i])]))
                - metric(ClassificationMetrics.From(picks, [.. picked.Select(i => first[i])]));
        }

        return Resample(labels.Count, Difference, seed, resamples, confidence)
            ?? throw new ArgumentException("The metric is undefined on these images or in every resample: a category has none of them, or there are too few.");
    }

    /// <summary>Computes the interval of one classifier's metric.</summary>
    /// <param name="labels">True categories.</param>
    /// <param name="probabilities">The classifier's probabilities, an array an image.</param>
    /// <param name="metric">The metric, such as <c>m =&gt; m.MacroSenSpeF1</c>; null where undefined.</param>
    /// <param name="seed">Seed of the resampling; equal seeds give equal intervals.</param>
    /// <param name="resamples">Resamples drawn, at least 100. Default 1000.</param>
    /// <param name="confidence">Confidence, above 0 and below 1. Default 0.95.</param>
    /// <returns>The metric (as <see cref="BootstrapInterval.Difference"/> from zero) and its interval; null where the metric is undefined.</returns>
    public static BootstrapInterval? Interval(
        IReadOnlyList<int> labels,
        IReadOnlyList<float[]> probabilities,
        Func<ClassificationMetrics, double?> metric,
        ulong seed,
        int resamples = 1000,
        double confidence = 0.95) => Resample(
            labels.Count,
            picked => metric(ClassificationMetrics.From([.. picked.Select(i => labels[i])], [.. picked.Select(i => probabilities[i])])),
            seed, resamples, confidence);

    private static BootstrapInterval? Resample(int images, Func<int[], double?> statistic, ulong seed, int resamples, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1.");
        if (statistic([.. Enumerable.Range(0, images)]) is not { } whole)
            return null;
        var rng = new Rng(seed);
        var drawn = new List<double>();
        for (var r = 0; r < resamples; r++)
        {
            var picks = new int[images];
            foreach (ref var pick in picks.AsSpan())
                pick = rng.NextInt(images);
            if (statistic(picks) is { } d)
                drawn.Add(d);
        }

        if (drawn.Count == 0)
            return null;
        drawn.Sort();
        var tail = (1 - confidence) / 2;
        return new BootstrapInterval(whole, Quantile(drawn, tail), Quantile(drawn, 1 - tail), drawn.Count);
    }

    private static double Quantile(List<double> sorted, double q)
    {
        var position = q * (sorted.Count - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
