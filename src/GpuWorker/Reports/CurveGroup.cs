using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>One line of a chart: finite points in order of steps, at least one.</summary>
internal sealed record CurveSeries(string Name, IReadOnlyList<CurvePoint> Points);

/// <summary>Series that share an axis.</summary>
internal sealed record CurveGroup(string Title, CurveGoal Goal, IReadOnlyList<CurveSeries> Series)
{
    private static readonly string[] DistanceNames = ["fid", "kid"];
    private static readonly string[] ScoreNames = ["f1", "accuracy", "auc", "kappa", "score", "fidelity"];

    /// <summary>Sorts a curve's series by what they measure: losses, scores from 0 to 1, learning rates, distances to real images.</summary>
    public static IReadOnlyList<CurveGroup> Of(TrainingCurve curve) => [.. curve.Series
        .Select(series => new CurveSeries(series.Key, [.. series.Value.Where(point => double.IsFinite(point.Value)).OrderBy(point => point.Step)]))
        .Where(series => series.Points.Count > 0)
        .OrderBy(series => series.Name, StringComparer.Ordinal)
        .GroupBy(series => GoalOf(series.Name))
        .OrderBy(group => group.Key)
        .Select(group => new CurveGroup(TitleOf(group.Key), group.Key, [.. group]))];

    /// <summary>The best point of a series; null where neither end is better.</summary>
    public CurvePoint? BestOf(CurveSeries series) => Goal switch
    {
        CurveGoal.Low or CurveGoal.Near => series.Points.MinBy(point => point.Value),
        CurveGoal.High => series.Points.MaxBy(point => point.Value),
        _ => null,
    };

    private static CurveGoal GoalOf(string name)
    {
        if (DistanceNames.Contains(name)) return CurveGoal.Near;
        if (name.Contains("loss", StringComparison.OrdinalIgnoreCase)) return CurveGoal.Low;
        if (ScoreNames.Any(score => name.Contains(score, StringComparison.OrdinalIgnoreCase))) return CurveGoal.High;
        return name.Contains("rate", StringComparison.OrdinalIgnoreCase) || name.Equals("lr", StringComparison.OrdinalIgnoreCase)
            ? CurveGoal.None
            : CurveGoal.Low;
    }

    private static string TitleOf(CurveGoal goal) => goal switch
    {
        CurveGoal.Low => "Losses",
        CurveGoal.High => "Validation scores",
        CurveGoal.Near => "Distance from the real images",
        _ => "Learning rate",
    };
}

/// <summary>Which way a series is better.</summary>
internal enum CurveGoal
{
    /// <summary>Less is better: a loss.</summary>
    Low,

    /// <summary>More is better, from 0 to 1: a score.</summary>
    High,

    /// <summary>Neither: a setting.</summary>
    None,

    /// <summary>Less is better, on a scale of its own: a distance between sets of images.</summary>
    Near,
}
