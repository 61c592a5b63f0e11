using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The evaluations of a report: a table of scores and the confusion matrices of each.</summary>
internal static class HtmlEvaluations
{
    public static void Write(HtmlBuilder html, ReportModel model)
    {
        if (!model.Evaluations.Any()) return;
        html.Add($"<section>\n<h2>Evaluation</h2>\n");
        foreach (ResolvedStep resolved in model.Evaluations)
        {
            EvaluationReport evaluation = resolved.Evaluation!;
            html.Add($"<h3>{resolved.Step.Name} <small>{ReportModel.Basis(evaluation)}</small></h3>\n");
            WriteScores(html, ScoreTable.Of(evaluation));
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
        html.Add($"<div class=\"scroll\"><table class=\"scores\">\n<thead><tr><th>Model</th>");
        foreach (string column in table.Columns) html.Add($"<th class=\"n\">{column}</th>");
        html.Add($"</tr></thead>\n<tbody>\n");
        foreach ((ModelScores model, IReadOnlyList<ScoreCell> cells) in table.Rows)
        {
            html.Add($"<tr><th scope=\"row\" title=\"checkpoint sha256:{model.Checkpoint.Hex}\">{model.Name}<small><code>{model.Checkpoint.Short}</code></small></th>");
            foreach (ScoreCell cell in cells) WriteCell(html, cell);
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n");
        if (table.Rows.Count > 1) html.Add($"<p class=\"quiet\"><span class=\"mark\">★</span> best of its column</p>\n");
    }

    private static void WriteCell(HtmlBuilder html, ScoreCell cell)
    {
        if (cell.Best) html.Add($"<td class=\"n best\"><b>{cell.Text}</b>");
        else html.Add($"<td class=\"n\">{cell.Text}");
        if (cell.Detail.Length > 0) html.Add($"<small>{cell.Detail}</small>");
        html.Add($"</td>");
    }

    private static void WriteConfusion(HtmlBuilder html, ModelScores scores, IReadOnlyList<string> categories)
    {
        html.Add($"<figure><figcaption>{scores.Name}</figcaption>\n<table class=\"heat\">\n<thead><tr><th></th>");
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
