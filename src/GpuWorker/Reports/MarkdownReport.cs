using System.Text;
using Factory.Contracts;
using Factory.Contracts.Work;
using static Factory.GpuWorker.Reports.MarkdownText;

namespace Factory.GpuWorker.Reports;

/// <summary>The report of a run as Markdown.</summary>
internal static class MarkdownReport
{
    private static readonly string[] TrialColumn = ["Trial"];

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
            if (evaluation.Models.Any(scores => scores.Trials is not null)) Line(text, ReportModel.TrialsNote);
            if (DifferenceTable.Of(evaluation) is { } differences) WriteDifferences(text, differences);
            foreach (ModelScores scores in evaluation.Models) WriteConfusion(text, scores, evaluation.Categories);
            if (resolved.ContactSheet is null) continue;
            Line(text, $"![Class activation maps of {Escape(resolved.Step.Name)}]({ReportRenderer.ContactSheetName(resolved.Step.Name)})");
            Line(text, ReportModel.OverlayNote);
        }
        Line(text, $"Best of a column in bold. {Escape(ReportModel.SenSpeF1Note)}");
    }

    private static void WriteDifferences(StringBuilder text, DifferenceTable table)
    {
        Line(text, $"Differences from {Escape(table.Baseline)}:");
        Table(text, ["Model", .. table.Columns.Select(Escape)],
            table.Rows.Select(row => (IReadOnlyList<string>)[Escape(row.Model), .. row.Cells.Select(Cell)]), texts: [0]);
        Line(text, ReportModel.DifferenceNote);
    }

    private static void WriteConfusion(StringBuilder text, ModelScores scores, IReadOnlyList<string> categories)
    {
        string made = scores.Trials is { } trials
            ? $"sum of {trials.Count} trials, checkpoints {string.Join(", ", trials.Select(trial => $"`{trial.Checkpoint.Hex}`"))}"
            : $"checkpoint `{scores.Checkpoint.Hex}`";
        Line(text, $"Confusion of {Escape(scores.Name)} ({made}), rows the truth, columns the prediction:");
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
        if (model.Trainings.Count == 0) return;
        Line(text, "## Training");
        foreach (TrainingRecord training in model.Trainings)
        {
            bool several = training.Curves.Count > 1;
            Line(text, $"### {Escape(training.Name)} ({Escape(training.Kind)}{(several ? $", {training.Curves.Count} trials" : "")})");
            Table(text, ["Series", .. several ? TrialColumn : [], "First", "Last", "Best", "At step"],
                CurveGroup.Of(training.Curves).SelectMany(group => group.Series.SelectMany(series => Summaries(group, series, several))), texts: [0]);
            if (training.Preview is null) continue;
            Line(text, $"![Last preview of {Escape(training.Name)}]({ReportRenderer.PreviewName(training.Name)})");
            Line(text, ReportModel.PreviewNote);
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Summaries(CurveGroup group, CurveSeries series, bool several) => series.Trials.Select((trial, index) =>
    {
        CurvePoint? best = group.BestOf(trial);
        return (IReadOnlyList<string>)
        [
            Escape(series.Name), .. several ? [ReportModel.Count(index + 1)] : Array.Empty<string>(), ReportModel.Value(trial[0].Value), ReportModel.Value(trial[^1].Value),
            best is null ? "–" : ReportModel.Value(best.Value), best is null ? "–" : ReportModel.Count(best.Step),
        ];
    });

    private static string Cell(ScoreCell cell)
    {
        string spread = cell.Spread.Length == 0 ? "" : $" {cell.Spread}", detail = cell.Detail.Length == 0 ? "" : $" ({cell.Detail})";
        return (cell.Best ? $"**{cell.Text}{spread}**" : cell.Text + spread) + detail;
    }

    private static IReadOnlyList<string> Counts(string name, IEnumerable<long> counts)
    {
        long[] numbers = [.. counts];
        return [name, .. numbers.Select(ReportModel.Count), ReportModel.Count(numbers.Sum())];
    }
}
