using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The tables of a corpus's quality, as text: how it compares with real images, and how the scores of its samples are distributed.</summary>
internal static class QualityTable
{
    /// <summary>What the figures are, in words.</summary>
    public const string Note =
        "FID and KID are distances of the two sets of images in the features named, less is nearer; FID grows as sets get smaller, KID does not. Precision is the fraction of samples within the manifold of the "
        + "real images, recall the fraction of real images within that of the samples (k = 3). Figures in the features of another network are not comparable. A figure that the sets are too small for is shown as –.";

    public static IReadOnlyList<string> SetColumns { get; } = ["Compared", "Samples", "Real images", "FID", "KID", "Precision", "Recall"];

    public static IReadOnlyList<string> ScoreColumns { get; } = ["Score", "5 % below", "Median", "95 % below"];

    /// <summary>In whose features the sets were compared.</summary>
    public static string Basis(CorpusQuality quality) => $"In the features of classifier {quality.Features.Short}";

    public static IEnumerable<IReadOnlyList<string>> Sets(CorpusQuality quality) =>
        [Row("All", quality.All), .. quality.Categories.Select(category => Row(category.Category, category.Figures))];

    public static IEnumerable<IReadOnlyList<string>> Scores(CorpusQuality quality) => quality.Scores.Select(score =>
        (IReadOnlyList<string>)[score.Score, ReportModel.Score(score.Low), ReportModel.Score(score.Median), ReportModel.Score(score.High)]);

    private static IReadOnlyList<string> Row(string name, SetFigures figures) =>
    [
        name, ReportModel.Count(figures.Samples), ReportModel.Count(figures.Images), Distance(figures.Frechet), Distance(figures.Kernel),
        ReportModel.Score(figures.Precision), ReportModel.Score(figures.Recall),
    ];

    private static string Distance(double? value) => value is { } known ? ReportModel.Value(known) : "–";
}
