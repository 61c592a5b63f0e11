using System.Globalization;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>A step with the blobs it names read.</summary>
internal sealed record ResolvedStep(ReportStep Step, TrainingCurve? Curve, EvaluationReport? Evaluation, CorpusQuality? Quality, byte[]? ContactSheet, byte[]? Preview);

/// <summary>What both forms of a report are rendered from, and the words they share.</summary>
internal sealed record ReportModel(ReportContent Content, IReadOnlyList<ResolvedStep> Steps)
{
    public const string SenSpeF1Note =
        "Sen/Spe F1 is 2·Sen·Spe / (Sen + Spe), from one-vs-rest sensitivity and specificity of a category, averaged over the categories (macro). "
        + "It is the F1 of MMC-AMD (arXiv 2012.01879) and not the F1 of precision and recall, which stands in its own column. "
        + "Intervals are 95 % bootstrap intervals over the subjects of the images. A score that is undefined, such as that of a category without images, is shown as – and left out of averages.";

    public const string ContactSheetNote =
        "Contact sheets show real images of the collection beside synthetic ones: they are for the collection's owner and must not be released.";

    public const string OverlayNote =
        "What speaks for the true category, from blue (little) to red (most), by the class activation map of each stream. Shows real images of the collection: for its owner, not to be released.";

    public const string ConfusionNote = "Rows are the truth, columns the prediction; the shade is the share of the row. Of several trials the counts are summed.";

    public const string TrialsNote =
        "Of several trials, which differ in their seeds only, the table shows the mean ± the sample standard deviation, and an interval is that of the mean.";

    public const string DifferenceNote =
        "Score minus the baseline's, and its 95 % interval: the subjects of the images are resampled 1,000 times, the same ones for both models, and the trials averaged in each resample. "
        + "In bold where the interval does not hold zero. The interval says what other subjects would change; what other seeds change, the deviation over trials says.";

    public const string PreviewNote =
        "What the generator makes of some of its training images at the end, beside what it was told. Shows real images of the collection: for its owner, not to be released.";

    private static readonly string[] SplitOrder = ["train", "validation", "test"];

    public IEnumerable<ResolvedStep> Evaluations => Steps.Where(step => step.Evaluation is not null);

    public IReadOnlyList<TrainingRecord> Trainings { get; } = TrainingRecord.Of(Steps);

    public IEnumerable<ResolvedStep> Corpora => Steps.Where(step => step.Evaluation is null && (step.Step.Samples is not null || step.ContactSheet is not null));

    /// <summary>The collection's splits: train, validation, test, then any other by name.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<int>>> Splits => Content.Images
        .OrderBy(split => Array.IndexOf(SplitOrder, split.Key.Split(',')[0].ToLowerInvariant()) is >= 0 and var index ? index : SplitOrder.Length)
        .ThenBy(split => split.Key, StringComparer.Ordinal);

    /// <summary>What an evaluation was on, such as <c>Test split, 80 real images</c>.</summary>
    public static string Basis(EvaluationReport evaluation) => $"{evaluation.Split} split, {Count(evaluation.Images)} {(evaluation.Paired ? "pairs of real images, each of one eye" : "real images")}{Subjects(evaluation)}";

    private static string Subjects(EvaluationReport evaluation) => evaluation.Subjects is { } subjects && subjects < evaluation.Images ? $", of {Count(subjects)} subjects (eyes where subjects are unknown)" : "";

    public static IEnumerable<KeyValuePair<string, long>> Rejections(ReportStep step) =>
        (step.Rejected ?? new Dictionary<string, long>())
        .OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal);

    /// <summary>A score to three decimals, or a dash when it is undefined.</summary>
    public static string Score(double? value) => value is { } score && double.IsFinite(score)
        ? score.ToString("0.000", CultureInfo.InvariantCulture)
        : "–";

    /// <summary>A loss, score or rate to four significant digits.</summary>
    public static string Value(double value) => double.IsFinite(value) ? value.ToString("G4", CultureInfo.InvariantCulture) : "–";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A difference of scores to three decimals, with its sign.</summary>
    public static string Signed(double value) => value.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);

    public static string Interval(IReadOnlyList<double>? interval) =>
        interval is [var low, var high] ? $"{Score(low)} to {Score(high)}" : "";
}
