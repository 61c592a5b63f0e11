using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The table of differences of an evaluation: a row for each model but the baseline, a column for each score.</summary>
internal sealed record DifferenceTable(string Baseline, IReadOnlyList<string> Columns, IReadOnlyList<(string Model, IReadOnlyList<ScoreCell> Cells)> Rows)
{
    /// <summary>The table; null where there is one model only.</summary>
    public static DifferenceTable? Of(EvaluationReport evaluation) => evaluation.Comparisons is { Count: > 0 } comparisons
        ? new(
            comparisons[0].Baseline,
            [.. ScoreColumn.All.Select(column => column.Name)],
            [.. comparisons.Select(pair => (pair.Model, (IReadOnlyList<ScoreCell>)[.. ScoreColumn.All.Select(column => Cell(column.Difference(pair)))]))])
        : null;

    private static ScoreCell Cell(ScoreDifference? difference) => difference is null
        ? new(ReportModel.Score(null), false)
        : new(ReportModel.Signed(difference.Difference), difference.Low > 0 || difference.High < 0, Detail: $"{ReportModel.Signed(difference.Low)} to {ReportModel.Signed(difference.High)}");
}
