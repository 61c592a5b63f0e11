using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The report of a run as one self-contained HTML page.</summary>
internal static class HtmlReport
{
    public static string Render(ReportModel model)
    {
        HtmlBuilder html = new();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{model.Content.Name} · run {model.Content.RunId}</title>
            <style>

            """);
        html.AddEncoded(ReportStyle.Css);
        html.Add($"</style>\n</head>\n<body>\n<main>\n");
        WriteHeader(html, model);
        WriteTiles(html, model);
        WriteCollection(html, model.Content, model.Splits);
        HtmlEvaluations.Write(html, model);
        HtmlCorpora.Write(html, model);
        HtmlTraining.Write(html, model.Trainings);
        WriteSteps(html, model.Content.Steps);
        html.Add($"<section>\n<h2>Recipe</h2>\n<pre>{model.Content.Recipe.ReplaceLineEndings("\n")}</pre>\n</section>\n");
        html.Add($"<footer>Rendered by Factory from the run's record; the same run gives the same page.</footer>\n</main>\n</body>\n</html>\n");
        return html.ToString().ReplaceLineEndings("\n");
    }

    private static void WriteHeader(HtmlBuilder html, ReportModel model)
    {
        ReportContent content = model.Content;
        html.Add($"""
            <header>
            <p class="kicker">Factory · report of run {content.RunId}</p>
            <h1>{content.Name}</h1>
            <dl>
            <div><dt>Collection</dt><dd>{content.Collection}</dd></div>
            <div><dt>Categories</dt><dd>{content.Categories.ToString()}</dd></div>
            <div><dt>Numerics</dt><dd>{content.Numerics.Device}, {content.Numerics.Threads} threads, {content.Numerics.DataType}</dd></div>
            <div class="wide"><dt>Collection digest</dt><dd><code>sha256:{content.CollectionDigest.Hex}</code></dd></div>
            <div class="wide"><dt>Recipe digest</dt><dd><code>sha256:{content.RecipeDigest.Hex}</code></dd></div>
            </dl>
            </header>

            """);
    }

    private static void WriteTiles(HtmlBuilder html, ReportModel model)
    {
        html.Add($"<div class=\"tiles\">\n");
        Tile(ReportModel.Count(model.Content.Images.Values.Sum(counts => counts.Sum(count => (long)count))), "real images");
        Tile(ReportModel.Count(model.Steps.Sum(step => step.Step.Samples?.Sum() ?? 0)), "synthetic samples");
        Tile(ReportModel.Count(model.Steps.Sum(step => (long)step.Step.Items)), "work items");
        ModelScores? best = model.Evaluations.SelectMany(step => step.Evaluation!.Models)
            .Where(scores => scores.SenSpeF1 is { } score && double.IsFinite(score)).MaxBy(scores => scores.SenSpeF1);
        if (best is not null) Tile(ReportModel.Score(best.SenSpeF1), $"best Sen/Spe F1: {best.Name}");
        html.Add($"</div>\n");

        void Tile(string figure, string caption) => html.Add($"<div class=\"tile\"><b>{figure}</b><span>{caption}</span></div>\n");
    }

    private static void WriteCollection(HtmlBuilder html, ReportContent content, IEnumerable<KeyValuePair<string, IReadOnlyList<int>>> splits)
    {
        html.Add($"<section>\n<h2>Collection</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Split</th>");
        foreach (string category in content.Categories.Names) html.Add($"<th class=\"n\">{category}</th>");
        html.Add($"<th class=\"n\">All</th></tr></thead>\n<tbody>\n");
        foreach ((string split, IReadOnlyList<int> counts) in splits)
        {
            html.Add($"<tr><th scope=\"row\">{split}</th>");
            WriteCounts(html, counts.Select(count => (long)count));
            html.Add($"</tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n</section>\n");
    }

    private static void WriteSteps(HtmlBuilder html, IEnumerable<ReportStep> steps)
    {
        html.Add($"<section>\n<h2>Steps</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Step</th><th>Kind</th><th class=\"n\">Work items</th><th>Output</th></tr></thead>\n<tbody>\n");
        foreach (ReportStep step in steps)
        {
            html.Add($"<tr><th scope=\"row\">{step.Name}</th><td>{step.Kind}</td><td class=\"n\">{ReportModel.Count(step.Items)}</td>");
            html.Add($"<td><code>{step.Output?.Hex ?? "–"}</code></td></tr>\n");
        }
        html.Add($"</tbody>\n</table></div>\n</section>\n");
    }

    /// <summary>The cells of counts and their sum.</summary>
    internal static void WriteCounts(HtmlBuilder html, IEnumerable<long> counts)
    {
        long[] numbers = [.. counts];
        foreach (long number in numbers) html.Add($"<td class=\"n\">{ReportModel.Count(number)}</td>");
        html.Add($"<td class=\"n\"><b>{ReportModel.Count(numbers.Sum())}</b></td>");
    }
}
