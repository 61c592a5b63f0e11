namespace Factory.GpuWorker.Reports;

/// <summary>Mean and sample standard deviation of a few values.</summary>
internal static class TrialStatistics
{
    /// <summary>The mean, and over N - 1 the deviation; none where there is one value.</summary>
    public static (double Mean, double? Deviation) Of(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return (mean, values.Count < 2 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }
}
