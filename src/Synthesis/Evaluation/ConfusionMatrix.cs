namespace Factory.Synthesis.Evaluation;

/// <summary>Counts of true against predicted categories.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    /// <summary>Wraps counts.</summary>
    /// <param name="counts">K x K counts, at least 0; the row is the true category, the column the predicted one. Copied.</param>
    /// <exception cref="ArgumentException">The matrix is not square, smaller than 2 x 2, or has a negative count.</exception>
    public ConfusionMatrix(long[,] counts)
    {
        if (counts.GetLength(0) != counts.GetLength(1) || counts.GetLength(0) < 2)
            throw new ArgumentException($"A confusion matrix is square and at least 2x2, got {counts.GetLength(0)}x{counts.GetLength(1)}.", nameof(counts));
        if (counts.Cast<long>().Any(c => c < 0))
            throw new ArgumentException("A confusion matrix holds counts from 0 on.", nameof(counts));
        _counts = (long[,])counts.Clone();
    }

    /// <summary>Number of categories.</summary>
    public int K => _counts.GetLength(0);

    /// <summary>One count.</summary>
    /// <param name="truth">True category.</param>
    /// <param name="predicted">Predicted category.</param>
    public long this[int truth, int predicted] => _counts[truth, predicted];

    /// <summary>All counts.</summary>
    public long Total => _counts.Cast<long>().Sum();

    /// <summary>Counts on the diagonal.</summary>
    public long Correct => Enumerable.Range(0, K).Sum(c => _counts[c, c]);

    /// <summary>Images of a category.</summary>
    /// <param name="category">The true category.</param>
    /// <returns>The row's sum.</returns>
    public long Actual(int category) => Enumerable.Range(0, K).Sum(p => _counts[category, p]);

    /// <summary>Images predicted to be of a category.</summary>
    /// <param name="category">The predicted category.</param>
    /// <returns>The column's sum.</returns>
    public long Predicted(int category) => Enumerable.Range(0, K).Sum(t => _counts[t, category]);

    /// <summary>The counts as rows, for reports.</summary>
    /// <returns>K arrays of K counts.</returns>
    public long[][] ToRows() => [.. Enumerable.Range(0, K).Select(t => Enumerable.Range(0, K).Select(p => _counts[t, p]).ToArray())];

    /// <summary>Counts labels against the most probable category; the lowest index wins a tie.</summary>
    /// <param name="labels">True categories, 0 to K - 1.</param>
    /// <param name="probabilities">K probabilities, or any scores, an image.</param>
    /// <returns>The matrix.</returns>
    /// <exception cref="ArgumentException">The lists are empty or differ in length, rows differ in length, or a label is out of range.</exception>
    public static ConfusionMatrix From(IReadOnlyList<int> labels, IReadOnlyList<float[]> probabilities)
    {
        if (labels.Count == 0 || labels.Count != probabilities.Count)
            throw new ArgumentException($"Metrics need as many labels as predictions and at least one, got {labels.Count} and {probabilities.Count}.");
        var k = probabilities[0].Length;
        var counts = new long[k, k];
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] < 0 || labels[i] >= k || probabilities[i].Length != k)
                throw new ArgumentException($"Prediction {i} has {probabilities[i].Length} categories and label {labels[i]}, expected {k} and a label below.");
            counts[labels[i], MostProbable(probabilities[i])]++;
        }

        return new ConfusionMatrix(counts);
    }

    /// <summary>The index of the largest value; the lowest one wins a tie.</summary>
    /// <param name="scores">At least one value.</param>
    /// <returns>The index.</returns>
    public static int MostProbable(IReadOnlyList<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Count; i++)
        {
            if (scores[i] > scores[best])
                best = i;
        }

        return best;
    }
}
