using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>One cell of a table of scores.</summary>
/// <param name="Text">The score.</param>
/// <param name="Best">Whether it stands out.</param>
/// <param name="Spread">Its deviation over trials, such as <c>± 0.012</c>; empty: none.</param>
/// <param name="Detail">Its interval; empty: none.</param>
internal sealed record ScoreCell(string Text, bool Best, string Spread = "", string Detail = "");

/// <summary>A score that stands in tables and plots.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Of">A model's, of several trials the mean.</param>
/// <param name="Deviation">Over a model's trials.</param>
/// <param name="Trial">One trial's.</param>
/// <param name="Difference">Of two models.</param>
internal sealed record ScoreColumn(
    string Name, Func<ModelScores, double?> Of, Func<ScoreDeviation, double?> Deviation, Func<TrialScores, double?> Trial, Func<ModelComparison, ScoreDifference?> Difference)
{
    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<ScoreColumn> All { get; } =
    [
        new("Accuracy", model => model.Accuracy, spread => spread.Accuracy, trial => trial.Accuracy, pair => pair.Accuracy),
        new("Sen/Spe F1", model => model.SenSpeF1, spread => spread.SenSpeF1, trial => trial.SenSpeF1, pair => pair.SenSpeF1),
        new("Prec/Rec F1", model => model.PrecisionRecallF1, spread => spread.PrecisionRecallF1, trial => trial.PrecisionRecallF1, pair => pair.PrecisionRecallF1),
        new("AUC", model => model.Auc, spread => spread.Auc, trial => trial.Auc, pair => pair.Auc),
        new("Kappa", model => model.Kappa, spread => spread.Kappa, trial => trial.Kappa, pair => pair.Kappa),
    ];

    /// <summary>The values that a row of a plot shows: one a trial; none where one is undefined.</summary>
    public IReadOnlyList<double> Values(ModelScores model)
    {
        List<double?> values = model.Trials is { } trials ? [.. trials.Select(Trial)] : [Of(model)];
        return values.TrueForAll(value => value is { } score && double.IsFinite(score)) ? [.. values.OfType<double>()] : [];
    }
}

/// <summary>The table of an evaluation: a row for each model, a column for each score, the best of every column marked.</summary>
internal sealed record ScoreTable(IReadOnlyList<string> Columns, IReadOnlyList<(ModelScores Model, IReadOnlyList<ScoreCell> Cells)> Rows)
{
    public static ScoreTable Of(EvaluationReport evaluation)
    {
        List<(string Name, Func<ModelScores, double?> Score, Func<ScoreDeviation, double?> Deviation)> columns =
        [
            .. ScoreColumn.All.Select(column => (column.Name, column.Of, column.Deviation)),
            .. evaluation.Categories.Select((name, index) =>
                ($"F1 {name}", (Func<ModelScores, double?>)(model => model.CategoryF1.ElementAtOrDefault(index)), (Func<ScoreDeviation, double?>)(_ => null))),
        ];
        string?[] best = [.. columns.Select(column => Best(evaluation.Models.Select(column.Score)))];
        return new(
            [.. columns.Select(column => column.Name)],
            [.. evaluation.Models.Select(model => (model, Cells(model)))]);

        IReadOnlyList<ScoreCell> Cells(ModelScores model) => [.. columns.Select((column, index) =>
        {
            string text = ReportModel.Score(column.Score(model));
            string spread = model.Deviation is { } deviation && column.Deviation(deviation) is { } width ? $"± {ReportModel.Score(width)}" : "";
            return new ScoreCell(text, text == best[index], spread, column.Name == "Sen/Spe F1" ? ReportModel.Interval(model.SenSpeF1Interval) : "");
        })];
    }

    /// <summary>The text of the highest score, so that models which tie as shown are marked alike; null when there is nothing to compare.</summary>
    private static string? Best(IEnumerable<double?> scores)
    {
        double[] defined = [.. scores.OfType<double>().Where(double.IsFinite)];
        return defined.Length > 1 ? ReportModel.Score(defined.Max()) : null;
    }
}
