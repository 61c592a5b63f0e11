namespace Factory.Synthesis.Evaluation;

/// <summary>One category against the rest. A value is null where it is undefined, never 0/0.</summary>
/// <param name="Category">Index of the category.</param>
/// <param name="Count">Images of the category.</param>
/// <param name="Sensitivity">Share of its images found; null where it has none.</param>
/// <param name="Specificity">Share of the other images not taken for it; null where there are none.</param>
/// <param name="SenSpeF1">2 Sen Spe / (Sen + Spe), the F1 of J-BHI 2022; null where Sen or Spe is, 0 where both are 0.</param>
/// <param name="Precision">Share of right ones among those taken for it; null where none was.</param>
/// <param name="PrecisionRecallF1">The usual F1, 2 TP / (2 TP + FP + FN); null where the category has no images.</param>
/// <param name="Auc">Area under the one-vs-rest ROC curve, ties counted half; null where a side is empty or only a confusion matrix is known.</param>
public sealed record CategoryMetrics(
    int Category, long Count, double? Sensitivity, double? Specificity, double? SenSpeF1, double? Precision, double? PrecisionRecallF1, double? Auc);

/// <summary>How well predictions fit labels. Averages leave undefined categories out, and are null where every category is undefined.</summary>
public sealed record ClassificationMetrics
{
    /// <summary>What was counted.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>One entry a category, in index order.</summary>
    public required IReadOnlyList<CategoryMetrics> Categories { get; init; }

    /// <summary>Share of right predictions, 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa, -1 to 1; null where chance alone would agree always.</summary>
    public required double? Kappa { get; init; }

    /// <summary>Mean of <see cref="CategoryMetrics.SenSpeF1"/> over the categories that have one.</summary>
    public double? MacroSenSpeF1 => Categories.Average(c => c.SenSpeF1);

    /// <summary>Mean of <see cref="CategoryMetrics.PrecisionRecallF1"/> over the categories that have one.</summary>
    public double? MacroPrecisionRecallF1 => Categories.Average(c => c.PrecisionRecallF1);

    /// <summary>Mean of <see cref="CategoryMetrics.Sensitivity"/> over the categories that have one.</summary>
    public double? MacroSensitivity => Categories.Average(c => c.Sensitivity);

    /// <summary>Mean of <see cref="CategoryMetrics.Specificity"/> over the categories that have one.</summary>
    public double? MacroSpecificity => Categories.Average(c => c.Specificity);

    /// <summary>Mean of <see cref="CategoryMetrics.Auc"/> over the categories that have one.</summary>
    public double? MacroAuc => Categories.Average(c => c.Auc);

    /// <summary>Computes everything but the AUC from counts.</summary>
    /// <param name="confusion">The counts; at least one image.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentException">The matrix counts no image.</exception>
    public static ClassificationMetrics From(ConfusionMatrix confusion) => From(confusion, _ => null);

    /// <summary>Computes everything from labels and predictions; the most probable category is the prediction.</summary>
    /// <param name="labels">True categories, 0 to K - 1.</param>
    /// <param name="probabilities">K probabilities an image.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentException">The lists are empty or differ in length, or a label is out of range.</exception>
    public static ClassificationMetrics From(IReadOnlyList<int> labels, IReadOnlyList<float[]> probabilities) =>
        From(ConfusionMatrix.From(labels, probabilities), c => Roc.Area([.. labels.Select(l => l == c)], [.. probabilities.Select(p => p[c])]));

    private static ClassificationMetrics From(ConfusionMatrix m, Func<int, double?> auc)
    {
        if (m.Total == 0)
            throw new ArgumentException("Metrics need at least one image.");
        double total = m.Total;
        var chance = Enumerable.Range(0, m.K).Sum(c => m.Actual(c) / total * (m.Predicted(c) / total));
        var accuracy = m.Correct / total;
        return new ClassificationMetrics
        {
            Confusion = m,
            Categories = [.. Enumerable.Range(0, m.K).Select(c => OneVsRest(m, c, auc(c)))],
            Accuracy = accuracy,
            Kappa = chance < 1 ? (accuracy - chance) / (1 - chance) : null,
        };
    }

    private static CategoryMetrics OneVsRest(ConfusionMatrix m, int c, double? auc)
    {
        var hit = m[c, c];
        var (actual, predicted) = (m.Actual(c), m.Predicted(c));
        var rest = m.Total - actual;
        double? sensitivity = Ratio(hit, actual);
        double? specificity = Ratio(rest - (predicted - hit), rest);
        double? f1 = sensitivity + specificity is not { } sum ? null : sum > 0 ? 2 * sensitivity * specificity / sum : 0;
        return new CategoryMetrics(c, actual, sensitivity, specificity, f1, Ratio(hit, predicted), actual == 0 ? null : Ratio(2 * hit, actual + predicted), auc);
    }

    private static double? Ratio(long part, long whole) => whole == 0 ? null : part / (double)whole;
}
