namespace Factory.Synthesis.Evaluation;

/// <summary>A figure of merit, as <see cref="ClassificationMetrics"/> defines it.</summary>
public enum Score
{
    /// <summary><see cref="ClassificationMetrics.Accuracy"/>.</summary>
    Accuracy,

    /// <summary><see cref="ClassificationMetrics.MacroSenSpeF1"/>.</summary>
    SenSpeF1,

    /// <summary><see cref="ClassificationMetrics.MacroPrecisionRecallF1"/>.</summary>
    PrecisionRecallF1,

    /// <summary><see cref="ClassificationMetrics.MacroAuc"/>.</summary>
    Auc,

    /// <summary><see cref="ClassificationMetrics.Kappa"/>.</summary>
    Kappa,
}

/// <summary>What one trained classifier said of a test set, prepared to be scored many times over with some examples counted more often and some not at all.</summary>
public sealed class JudgedTrial
{
    private readonly int[] _labels;
    private readonly int[] _predicted;
    private readonly float[][] _sorted;
    private readonly int[][] _ranking;

    /// <summary>Sorts the predictions once.</summary>
    /// <param name="labels">True categories, 0 to K - 1.</param>
    /// <param name="probabilities">K probabilities an example, in the order of the labels.</param>
    /// <exception cref="ArgumentException">The lists are empty or differ in length, rows differ in length, or a label is out of range.</exception>
    public JudgedTrial(IReadOnlyList<int> labels, IReadOnlyList<float[]> probabilities)
    {
        Metrics = ClassificationMetrics.From(labels, probabilities);
        _labels = [.. labels];
        _predicted = [.. probabilities.Select(p => ConfusionMatrix.MostProbable(p))];
        _ranking = [.. Enumerable.Range(0, K).Select(c => Enumerable.Range(0, labels.Count).OrderBy(i => probabilities[i][c]).ToArray())];
        _sorted = [.. _ranking.Select((order, c) => order.Select(i => probabilities[i][c]).ToArray())];
    }

    /// <summary>The metrics with every example counted once.</summary>
    public ClassificationMetrics Metrics { get; }

    /// <summary>Number of examples.</summary>
    public int Count => _labels.Length;

    private int K => Metrics.Confusion.K;

    /// <summary>The scores with every example counted so often, in the order of <see cref="Score"/>; null where undefined.</summary>
    /// <param name="weights">How often each example counts, at least 0; some above 0.</param>
    /// <returns>One value a score.</returns>
    /// <exception cref="ArgumentException">The weights do not count the examples, or count none of them.</exception>
    public double?[] Scores(IReadOnlyList<int> weights)
    {
        if (weights.Count != Count)
            throw new ArgumentException($"{Count} examples need a weight each, got {weights.Count}.");
        var counts = new long[K, K];
        for (var i = 0; i < Count; i++)
            counts[_labels[i], _predicted[i]] += weights[i];
        var metrics = ClassificationMetrics.From(new ConfusionMatrix(counts));
        return [metrics.Accuracy, metrics.MacroSenSpeF1, metrics.MacroPrecisionRecallF1, MacroAuc(weights), metrics.Kappa];
    }

    private double? MacroAuc(IReadOnlyList<int> weights) => Enumerable.Range(0, K).Select(c => Auc(c, weights)).Average();

    // Mann-Whitney over the sorted scores: each positive beats the negatives below it, and half of those that tie with it.
    private double? Auc(int category, IReadOnlyList<int> weights)
    {
        var (order, scores) = (_ranking[category], _sorted[category]);
        double won = 0;
        long positives = 0, negatives = 0;
        for (var start = 0; start < order.Length;)
        {
            long tiedPositives = 0, tiedNegatives = 0;
            var end = start;
            for (; end < order.Length && scores[end] == scores[start]; end++)
            {
                if (_labels[order[end]] == category)
                    tiedPositives += weights[order[end]];
                else
                    tiedNegatives += weights[order[end]];
            }

            won += tiedPositives * (negatives + (tiedNegatives / 2.0));
            positives += tiedPositives;
            negatives += tiedNegatives;
            start = end;
        }

        return positives == 0 || negatives == 0 ? null : won / ((double)positives * negatives);
    }
}
