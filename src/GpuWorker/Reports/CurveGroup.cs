using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>What one series was in each trial: finite points in order of steps, at least one a trial.</summary>
internal sealed record CurveSeries(string Name, IReadOnlyList<IReadOnlyList<CurvePoint>> Trials)
{
    /// <summary>The points of all trials.</summary>
    public IEnumerable<CurvePoint> Points => Trials.SelectMany(trial => trial);
}

/// <summary>Series that share an axis.</summary>
internal sealed record CurveGroup(string Title, CurveGoal Goal, IReadOnlyList<CurveSeries> Series)
{
    private static readonly string[] DistanceNames = ["fid", "kid"];
    private static readonly string[] ScoreNames = ["f1", "accuracy", "auc", "kappa", "score", "fidelity"];

    /// <summary>Sorts the series of a training by what they measure: losses, scores from 0 to 1, learning rates, distances to real images.</summary>
    /// <param name="trials">The curve of each trial.</param>
    public static IReadOnlyList<CurveGroup> Of(IEnumerable<TrainingCurve> trials) => [.. trials.SelectMany(trial => trial.Series)
        .GroupBy(series => series.Key, series => series.Value)
        .Select(trials => new CurveSeries(trials.Key, [.. trials.Select(Finite).Where(points => points.Count > 0)]))
        .Where(series => series.Trials.Count > 0)
        .OrderBy(series => series.Name, StringComparer.Ordinal)
        .GroupBy(series => GoalOf(series.Name))
        .OrderBy(group => group.Key)
        .Select(group => new CurveGroup(TitleOf(group.Key), group.Key, [.. group]))];

    /// <summary>The best point of a trial; null where neither end is better.</summary>
    public CurvePoint? BestOf(IReadOnlyList<CurvePoint> trial) => Goal switch
    {
        CurveGoal.Low or CurveGoal.Near => trial.MinBy(point => point.Value),
        CurveGoal.High => trial.MaxBy(point => point.Value),
        _ => null,
    };

    private static IReadOnlyList<CurvePoint> Finite(IReadOnlyList<CurvePoint> points) => [.. points.Where(point => double.IsFinite(point.Value)).OrderBy(point => point.Step)];

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
