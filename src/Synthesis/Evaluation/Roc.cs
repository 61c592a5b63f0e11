namespace Factory.Synthesis.Evaluation;

/// <summary>The receiver operating characteristic of a score.</summary>
public static class Roc
{
    /// <summary>The area under the curve: the chance that a random positive scores above a random negative, ties counted half (Mann-Whitney).</summary>
    /// <param name="positive">Whether each one is a positive.</param>
    /// <param name="scores">A score each, higher for positives; not NaN.</param>
    /// <returns>0 to 1, or null where there is no positive or no negative.</returns>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double? Area(IReadOnlyList<bool> positive, IReadOnlyList<float> scores)
    {
        if (positive.Count != scores.Count)
            throw new ArgumentException($"An area under the curve needs a score each, got {positive.Count} and {scores.Count}.");
        var order = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        double rankSum = 0;
        long positives = 0;
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            while (end < order.Length && scores[order[end]] == scores[order[start]])
                end++;
            var tied = order[start..end].Count(i => positive[i]);
            rankSum += tied * ((start + 1 + end) / 2.0);
            positives += tied;
            start = end;
        }

        var negatives = scores.Count - positives;
        return positives == 0 || negatives == 0 ? null : (rankSum - (positives * (positives + 1) / 2.0)) / ((double)positives * negatives);
    }
}
