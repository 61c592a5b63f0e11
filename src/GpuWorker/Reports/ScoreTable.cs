using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>One cell of a table of scores.</summary>
internal sealed record ScoreCell(string Text, bool Best, string Detail = "");

/// <summary>The table of an evaluation: a row for each model, a column for each score, the best of every column marked.</summary>
internal sealed record ScoreTable(IReadOnlyList<string> Columns, IReadOnlyList<(ModelScores Model, IReadOnlyList<ScoreCell> Cells)> Rows)
{
    public static ScoreTable Of(EvaluationReport evaluation)
    {
        List<(string Name, Func<ModelScores, double?> Score)> columns =
        [
            ("Accuracy", model => model.Accuracy),
            ("Sen/Spe F1", model => model.SenSpeF1),
            ("Prec/Rec F1", model => model.PrecisionRecallF1),
            ("AUC", model => model.Auc),
            ("Kappa", model => model.Kappa),
            .. evaluation.Categories.Select((name, index) =>
                ($"F1 {name}", (Func<ModelScores, double?>)(model => model.CategoryF1.ElementAtOrDefault(index)))),
        ];
        string?[] best = [.. columns.Select(column => Best(evaluation.Models.Select(column.Score)))];
        return new(
            [.. columns.Select(column => column.Name)],
            [.. evaluation.Models.Select(model => (model, Cells(model)))]);

        IReadOnlyList<ScoreCell> Cells(ModelScores model) => [.. columns.Select((column, index) =>
        {
            string text = ReportModel.Score(column.Score(model));
            return new ScoreCell(text, text == best[index], column.Name == "Sen/Spe F1" ? ReportModel.Interval(model.SenSpeF1Interval) : "");
        })];
    }

    /// <summary>The text of the highest score, so that models which tie as shown are marked alike; null when there is nothing to compare.</summary>
    private static string? Best(IEnumerable<double?> scores)
    {
        double[] defined = [.. scores.OfType<double>().Where(double.IsFinite)];
        return defined.Length > 1 ? ReportModel.Score(defined.Max()) : null;
    }
}
