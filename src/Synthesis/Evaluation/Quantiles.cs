namespace Factory.Synthesis.Evaluation;

/// <summary>Middle values, and indices spread evenly.</summary>
public static class Quantiles
{
    /// <summary>The median: the middle value, or the mean of the two middle ones.</summary>
    /// <param name="values">At least one value.</param>
    /// <returns>The median.</returns>
    public static double Median(IEnumerable<double> values) => Of([.. values.Order()], 0.5);

    /// <summary>A quantile, linear between order statistics (type 7 of Hyndman and Fan, The American Statistician 1996).</summary>
    /// <param name="ordered">At least one value, in ascending order.</param>
    /// <param name="part">0 (the least) to 1 (the greatest).</param>
    /// <returns>The quantile.</returns>
    public static double Of(IReadOnlyList<double> ordered, double part)
    {
        ArgumentNullException.ThrowIfNull(ordered);
        var at = part * (ordered.Count - 1);
        var below = (int)at;
        return ordered[below] + ((at - below) * (ordered[Math.Min(below + 1, ordered.Count - 1)] - ordered[below]));
    }

    /// <summary>Indices spread evenly over a list: all of it, or as many as asked for.</summary>
    /// <param name="count">Length of the list, at least 0.</param>
    /// <param name="most">At most so many indices, at least 1.</param>
    /// <returns>Ascending indices without repetition.</returns>
    public static int[] Spread(int count, int most) =>
        [.. Enumerable.Range(0, Math.Min(count, most)).Select(position => (int)((long)position * count / Math.Min(count, most)))];
}
