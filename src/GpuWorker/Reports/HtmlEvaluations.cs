using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The evaluations of a report: a table of scores, a plot of them, the differences from the baseline, and the confusion matrices of each.</summary>
internal static class HtmlEvaluations
{
    private static readonly string[] Plotted = ["Sen/Spe F1", "Accuracy"];

    public static void Write(HtmlBuilder html, ReportModel model)
    {
        if (!model.Evaluations.Any()) return;
        html.Add($"<section>\n<h2>Evaluation</h2>\n");
        foreach (ResolvedStep resolved in model.Evaluations)
        {
            EvaluationReport evaluation = resolved.Evaluation!;
            html.Add($"<h3>{resolved.Step.Name} <small>{ReportModel.Basis(evaluation)}</small></h3>\n");
            WriteScores(html, ScoreTable.Of(evaluation));
            if (evaluation.Models.Any(scores => scores.Trials is not null)) html.Add($"<p class=\"quiet\">{ReportModel.TrialsNote}</p>\n");
            WritePlots(html, evaluation);
            if (DifferenceTable.Of(evaluation) is { } differences) WriteDifferences(html, differences);
            html.Add($"<div class=\"matrices\">\n");
            foreach (ModelScores scores in evaluation.Models) WriteConfusion(html, scores, evaluation.Categories);
            html.Add($"</div>\n");
            if (resolved.ContactSheet is { } sheet) WriteSheet(html, resolved.Step.Name, sheet);
        }
        html.Add($"<p class=\"note\">{ReportModel.ConfusionNote} {ReportModel.SenSpeF1Note}</p>\n</section>\n");
    }

    private static void WriteSheet(HtmlBuilder html, string step, byte[] sheet)
    {
        html.Add($"<figure class=\"sheet\"><img alt=\"Class activation maps of {step}\" src=\"data:{MediaTypes.Png};base64,");
        html.AddEncoded(Convert.ToBase64String(sheet));
        html.Add($"\"><figcaption>{ReportModel.OverlayNote}</figcaption></figure>\n");
    }

    private static void WriteScores(HtmlBuilder html, ScoreTable table)
    {
        WriteHead(html, table.Columns);
        foreach ((ModelScores model, IReadOnlyList<ScoreCell> cells) in table.Rows)
        {
            html.Add($"<tr><th scope=\"row\" title=\"checkpoint sha256:{model.Checkpoint.Hex}\">{model.Name}<small>");
            if (model.Trials is { } trials) html.Add($"{trials.Count} trials");
            else html.Add($"<code>{model.Checkpoint.Short}</code>");
            html.Add($"</small></th>");
            foreach (ScoreCell cell in cells) WriteCell(html, cell, star: true);
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n");
        if (table.Rows.Count > 1) html.Add($"<p class=\"quiet\"><span class=\"mark\">★</span> best of its column</p>\n");
    }

    private static void WriteHead(HtmlBuilder html, IReadOnlyList<string> columns)
    {
        html.Add($"<div class=\"scroll\"><table class=\"scores\">\n<thead><tr><th>Model</th>");
        foreach (string column in columns) html.Add($"<th class=\"n\">{column}</th>");
        html.Add($"</tr></thead>\n<tbody>\n");
    }

    private static void WriteCell(HtmlBuilder html, ScoreCell cell, bool star)
    {
        if (cell.Best && star) html.Add($"<td class=\"n best\"><b>{cell.Text}</b>");
        else if (cell.Best) html.Add($"<td class=\"n\"><b>{cell.Text}</b>");
        else html.Add($"<td class=\"n\">{cell.Text}");
        if (cell.Spread.Length > 0) html.Add($"<small>{cell.Spread}</small>");
        if (cell.Detail.Length > 0) html.Add($"<small>{cell.Detail}</small>");
        html.Add($"</td>");
    }

    private static void WriteDifferences(HtmlBuilder html, DifferenceTable table)
    {
        html.Add($"<h4>Differences from {table.Baseline}</h4>\n");
        WriteHead(html, table.Columns);
        foreach ((string model, IReadOnlyList<ScoreCell> cells) in table.Rows)
        {
            html.Add($"<tr><th scope=\"row\">{model}</th>");
            foreach (ScoreCell cell in cells) WriteCell(html, cell, star: false);
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n<p class=\"quiet\">{ReportModel.DifferenceNote}</p>\n");
    }

    private static void WritePlots(HtmlBuilder html, EvaluationReport evaluation)
    {
        if (evaluation.Models.Count < 2) return;
        string baseline = evaluation.Comparisons is [var first, ..] ? first.Baseline : evaluation.Models[0].Name;
        html.Add($"<div class=\"charts\">\n");
        foreach (ScoreColumn column in ScoreColumn.All.Where(column => Plotted.Contains(column.Name)).OrderBy(column => Array.IndexOf(Plotted, column.Name)))
        {
            List<DotRow> rows = [.. evaluation.Models.Select(model => new DotRow(model.Name, column.Values(model))).Where(row => row.Values.Count > 0)];
            if (rows.Count < 2) continue;
            html.Add($"<figure><figcaption>{column.Name}</figcaption>\n");
            DotPlot.Write(html, rows, Math.Max(0, rows.FindIndex(row => row.Name == baseline)), $"{column.Name} of each model");
            html.Add($"</figure>\n");
        }
        html.Add($"</div>\n<p class=\"quiet\">Dots are means, rings trials, bars one standard deviation to either side; the dashed line is {baseline}.</p>\n");
    }

    private static void WriteConfusion(HtmlBuilder html, ModelScores scores, IReadOnlyList<string> categories)
    {
        html.Add($"<figure><figcaption>{scores.Name}");
        if (scores.Trials is { } trials) html.Add($" <small>sum of {trials.Count} trials</small>");
        html.Add($"</figcaption>\n<table class=\"heat\">\n<thead><tr><th></th>");
        foreach (string category in categories) html.Add($"<th>{category}</th>");
        html.Add($"</tr></thead>\n<tbody>\n");
        for (int row = 0; row < scores.Confusion.Count; row++)
        {
            IReadOnlyList<int> counts = scores.Confusion[row];
            double total = Math.Max(1, counts.Sum());
            html.Add($"<tr><th scope=\"row\">{categories.ElementAtOrDefault(row)}</th>");
            for (int column = 0; column < counts.Count; column++)
            {
                string kind = row == column ? "hit" : "miss";
                html.Add($"<td class=\"{kind}\" style=\"--share:{counts[column] / total}\">{counts[column]}</td>");
            }
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></figure>\n");
    }
}
