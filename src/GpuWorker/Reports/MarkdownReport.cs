using System.Text;
using Factory.Contracts;
using Factory.Contracts.Work;
using static Factory.GpuWorker.Reports.MarkdownText;

namespace Factory.GpuWorker.Reports;

/// <summary>The report of a run as Markdown.</summary>
internal static class MarkdownReport
{
    public static string Render(ReportModel model)
    {
        StringBuilder text = new();
        ReportContent content = model.Content;
        Line(text, $"# {Escape(content.Name)}: run {content.RunId}");
        Line(text, $"""
            - Collection: {Escape(content.Collection)} (`sha256:{content.CollectionDigest.Hex}`)
            - Recipe: `sha256:{content.RecipeDigest.Hex}`
            - Categories: {Escape(content.Categories.ToString())}
            - Numerics: {Escape($"{content.Numerics.Device}, {content.Numerics.Threads} threads, {content.Numerics.DataType}")}
            """);
        WriteCollection(text, model);
        WriteEvaluations(text, model);
        WriteCorpora(text, model);
        WriteTraining(text, model);
        Line(text, "## Steps");
        Table(text, ["Step", "Kind", "Work items", "Output"], content.Steps.Select(step =>
            (IReadOnlyList<string>)[Escape(step.Name), Escape(step.Kind), ReportModel.Count(step.Items), step.Output is { } output ? $"`{output.Hex}`" : "–"]), texts: [0, 1, 3]);
        Line(text, "## Recipe");
        Fence(text, content.Recipe, "yaml");
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void WriteCollection(StringBuilder text, ReportModel model)
    {
        Line(text, "## Collection");
        Table(text, ["Split", .. model.Content.Categories.Names.Select(Escape), "All"],
            model.Splits.Select(split => Counts(Escape(split.Key), split.Value.Select(count => (long)count))), texts: [0]);
    }

    private static void WriteEvaluations(StringBuilder text, ReportModel model)
    {
        if (!model.Evaluations.Any()) return;
        Line(text, "## Evaluation");
        foreach (ResolvedStep resolved in model.Evaluations)
        {
            EvaluationReport evaluation = resolved.Evaluation!;
            ScoreTable table = ScoreTable.Of(evaluation);
            Line(text, $"### {Escape(resolved.Step.Name)} ({ReportModel.Basis(evaluation)})");
            Table(text, ["Model", .. table.Columns.Select(Escape)],
                table.Rows.Select(row => (IReadOnlyList<string>)[Escape(row.Model.Name), .. row.Cells.Select(Cell)]), texts: [0]);
            foreach (ModelScores scores in evaluation.Models) WriteConfusion(text, scores, evaluation.Categories);
            if (resolved.ContactSheet is null) continue;
            Line(text, $"![Class activation maps of {Escape(resolved.Step.Name)}]({ReportRenderer.ContactSheetName(resolved.Step.Name)})");
            Line(text, ReportModel.OverlayNote);
        }
        Line(text, $"Best of a column in bold. {Escape(ReportModel.SenSpeF1Note)}");
    }

    private static void WriteConfusion(StringBuilder text, ModelScores scores, IReadOnlyList<string> categories)
    {
        Line(text, $"Confusion of {Escape(scores.Name)} (checkpoint `{scores.Checkpoint.Hex}`), rows the truth, columns the prediction:");
        Table(text, ["", .. categories.Select(Escape)], scores.Confusion.Select((counts, row) =>
            (IReadOnlyList<string>)[Escape(categories.ElementAtOrDefault(row) ?? ""), .. counts.Select(count => ReportModel.Count(count))]), texts: [0]);
    }

    private static void WriteCorpora(StringBuilder text, ReportModel model)
    {
        if (!model.Corpora.Any()) return;
        Line(text, "## Synthetic corpora");
        foreach (ResolvedStep resolved in model.Corpora)
        {
            ReportStep step = resolved.Step;
            Line(text, $"### {Escape(step.Name)}");
            if (step.Output is { } output) Line(text, $"Digest `sha256:{output.Hex}`");
            if (step.Samples is { } samples)
            {
                Table(text, ["", .. model.Content.Categories.Names.Select(Escape), "All"], [Counts("Samples", samples)], texts: [0]);
                string rejected = string.Join(", ", ReportModel.Rejections(step).Select(reason => $"{Escape(reason.Key)} {ReportModel.Count(reason.Value)}"));
                Line(text, $"Rejected: {(rejected.Length == 0 ? "none" : rejected)}.");
            }
            if (resolved.Quality is { } quality) WriteQuality(text, quality);
            if (resolved.ContactSheet is null) continue;
            Line(text, $"![Contact sheet of {Escape(step.Name)}]({ReportRenderer.ContactSheetName(step.Name)})");
            Line(text, ReportModel.ContactSheetNote);
        }
    }

    private static void WriteQuality(StringBuilder text, CorpusQuality quality)
    {
        Line(text, $"{QualityTable.Basis(quality)}:");
        Table(text, QualityTable.SetColumns, QualityTable.Sets(quality).Select(row => (IReadOnlyList<string>)[.. row.Select(Escape)]), texts: [0]);
        if (quality.Scores.Count > 0) Table(text, QualityTable.ScoreColumns, QualityTable.Scores(quality).Select(row => (IReadOnlyList<string>)[.. row.Select(Escape)]), texts: [0]);
        Line(text, Escape(QualityTable.Note));
    }

    private static void WriteTraining(StringBuilder text, ReportModel model)
    {
        if (!model.Trainings.Any()) return;
        Line(text, "## Training");
        foreach (ResolvedStep resolved in model.Trainings)
        {
            Line(text, $"### {Escape(resolved.Step.Name)} ({Escape(resolved.Step.Kind)})");
            Table(text, ["Series", "First", "Last", "Best", "At step"],
                CurveGroup.Of(resolved.Curve!).SelectMany(group => group.Series.Select(series => Summary(group, series))), texts: [0]);
        }
    }

    private static IReadOnlyList<string> Summary(CurveGroup group, CurveSeries series)
    {
        CurvePoint? best = group.BestOf(series);
        return
        [
            Escape(series.Name), ReportModel.Value(series.Points[0].Value), ReportModel.Value(series.Points[^1].Value),
            best is null ? "–" : ReportModel.Value(best.Value), best is null ? "–" : ReportModel.Count(best.Step),
        ];
    }

    private static string Cell(ScoreCell cell)
    {
        string detail = cell.Detail.Length == 0 ? "" : $" ({cell.Detail})";
        return cell.Best ? $"**{cell.Text}**{detail}" : cell.Text + detail;
    }

    private static IReadOnlyList<string> Counts(string name, IEnumerable<long> counts)
    {
        long[] numbers = [.. counts];
        return [name, .. numbers.Select(ReportModel.Count), ReportModel.Count(numbers.Sum())];
    }
}
