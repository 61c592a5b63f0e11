using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The synthetic corpora of a report: how many samples, how they compare with real images, some of them.</summary>
internal static class HtmlCorpora
{
    public static void Write(HtmlBuilder html, ReportModel model)
    {
        if (!model.Corpora.Any()) return;
        html.Add($"<section>\n<h2>Synthetic corpora</h2>\n");
        foreach (ResolvedStep resolved in model.Corpora)
        {
            html.Add($"<h3>{resolved.Step.Name}</h3>\n");
            WriteDigest(html, resolved.Step.Output);
            WriteSamples(html, resolved.Step, model.Content.Categories);
            if (resolved.Quality is { } quality) WriteQuality(html, quality);
            if (resolved.ContactSheet is null) continue;
            html.Add($"<figure class=\"sheet\"><img alt=\"Contact sheet of {resolved.Step.Name}\" src=\"data:{MediaTypes.Png};base64,");
            html.AddEncoded(Convert.ToBase64String(resolved.ContactSheet));
            html.Add($"\"><figcaption>{ReportModel.ContactSheetNote}</figcaption></figure>\n");
        }
        html.Add($"</section>\n");
    }

    private static void WriteSamples(HtmlBuilder html, ReportStep step, CategoryList categories)
    {
        if (step.Samples is null) return;
        html.Add($"<div class=\"scroll\"><table>\n<thead><tr><th></th>");
        foreach (string category in categories.Names) html.Add($"<th class=\"n\">{category}</th>");
        html.Add($"<th class=\"n\">All</th></tr></thead>\n<tbody>\n<tr><th scope=\"row\">Samples</th>");
        HtmlReport.WriteCounts(html, step.Samples);
        html.Add($"</tr>\n</tbody>\n</table></div>\n");
        string rejected = string.Join(", ", ReportModel.Rejections(step).Select(reason => $"{reason.Key} {ReportModel.Count(reason.Value)}"));
        html.Add($"<p class=\"quiet\">Rejected: {(rejected.Length == 0 ? "none" : rejected)}.</p>\n");
    }

    private static void WriteQuality(HtmlBuilder html, CorpusQuality quality)
    {
        html.Add($"<p class=\"quiet\">{QualityTable.Basis(quality)}:</p>\n");
        WriteTable(html, QualityTable.SetColumns, QualityTable.Sets(quality));
        if (quality.Scores.Count > 0) WriteTable(html, QualityTable.ScoreColumns, QualityTable.Scores(quality));
        html.Add($"<p class=\"note\">{QualityTable.Note}</p>\n");
    }

    private static void WriteTable(HtmlBuilder html, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        html.Add($"<div class=\"scroll\"><table>\n<thead><tr><th>{columns[0]}</th>");
        foreach (string column in columns.Skip(1)) html.Add($"<th class=\"n\">{column}</th>");
        html.Add($"</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in rows)
        {
            html.Add($"<tr><th scope=\"row\">{row[0]}</th>");
            foreach (string cell in row.Skip(1)) html.Add($"<td class=\"n\">{cell}</td>");
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n");
    }

    private static void WriteDigest(HtmlBuilder html, Sha256Digest? digest)
    {
        if (digest is { } output) html.Add($"<p class=\"quiet\">Digest <code>sha256:{output.Hex}</code></p>\n");
    }
}
