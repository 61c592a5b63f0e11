using Factory.Contracts;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>The trainings of a report: charts of each, all trials of a step in one, and what a generator came to.</summary>
internal static class HtmlTraining
{
    public static void Write(HtmlBuilder html, IReadOnlyList<TrainingRecord> trainings)
    {
        if (trainings.Count == 0) return;
        html.Add($"<section>\n<h2>Training</h2>\n");
        foreach (TrainingRecord training in trainings)
        {
            string trials = training.Curves.Count > 1 ? $", {training.Curves.Count} trials" : "";
            html.Add($"<div class=\"training\"><h3>{training.Name} <small>{training.Kind}{trials}</small></h3>\n<div class=\"charts\">\n");
            foreach (CurveGroup group in CurveGroup.Of(training.Curves)) WriteChart(html, group, training.Name);
            html.Add($"</div></div>\n");
            if (training.Preview is not null) WritePreview(html, training);
        }
        html.Add($"</section>\n");
    }

    private static void WriteChart(HtmlBuilder html, CurveGroup group, string step)
    {
        html.Add($"<figure><figcaption>{group.Title}</figcaption>\n");
        LineChart.Write(html, group, $"{group.Title} of {step}");
        html.Add($"<ul class=\"legend\">\n");
        for (int index = 0; index < group.Series.Count; index++)
        {
            CurveSeries series = group.Series[index];
            html.Add($"<li><i class=\"s{index % LineChart.Colors}\"></i>{series.Name} <span>{Summary(group, series)}</span></li>\n");
        }
        html.Add($"</ul></figure>\n");
    }

    private static string Summary(CurveGroup group, CurveSeries series)
    {
        string last = $"last {Spread(series.Trials.Select(trial => trial[^1].Value))}";
        List<CurvePoint> best = [.. series.Trials.Select(group.BestOf).OfType<CurvePoint>()];
        return best switch
        {
            [] => last,
            [var only] => $"{last}, best {ReportModel.Value(only.Value)} at {ReportModel.Count(only.Step)}",
            _ => $"{last}, best {Spread(best.Select(point => point.Value))}",
        };
    }

    private static string Spread(IEnumerable<double> trials)
    {
        (double mean, double? deviation) = TrialStatistics.Of([.. trials]);
        return deviation is { } spread ? $"{ReportModel.Value(mean)} ± {ReportModel.Value(spread)}" : ReportModel.Value(mean);
    }

    private static void WritePreview(HtmlBuilder html, TrainingRecord training)
    {
        html.Add($"<figure class=\"sheet\"><img alt=\"Last preview of {training.Name}\" src=\"data:{MediaTypes.Png};base64,");
        html.AddEncoded(Convert.ToBase64String(training.Preview!));
        html.Add($"\"><figcaption>{ReportModel.PreviewNote}</figcaption></figure>\n");
    }
}
