using System.Globalization;
using Factory.Contracts.Work;

namespace Factory.GpuWorker.Reports;

/// <summary>
/// Writes line charts as inline SVG whose colors and fonts are the page's, so that they follow light, dark and print.
/// ScottPlot 5.1.59 was tried instead: its SVG is 40 kB for 200 points, has fixed colors, and no text at all beside the
/// SkiaSharp build without fontconfig that the factory ships.
/// </summary>
internal static class LineChart
{
    private const int Width = 640;
    private const int Height = 250;
    private const int Left = 52;
    private const int Right = 28;
    private const int Top = 10;
    private const int Bottom = 40;

    /// <summary>More points than this are thinned: the plot is 560 units wide.</summary>
    private const int MaxPoints = 400;

    private const int MarkedPoints = 40;

    /// <summary>Colors repeat after this many series.</summary>
    public const int Colors = 8;

    public static void Write(HtmlBuilder html, CurveGroup group, string label)
    {
        IEnumerable<CurvePoint> all = group.Series.SelectMany(series => series.Points);
        ChartAxis steps = ChartAxis.Over(all.Min(point => point.Step), all.Max(point => point.Step), 6);
        ChartAxis values = group.Goal == CurveGoal.High && all.All(point => point.Value is >= 0 and <= 1)
            ? ChartAxis.Over(0, 1, 5)
            : ChartAxis.Over(Math.Min(0, all.Min(point => point.Value)), all.Max(point => point.Value), 5);
        html.Add($"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{label}\">");
        WriteGrid(html, steps, values);
        for (int index = 0; index < group.Series.Count; index++)
        {
            foreach (IReadOnlyList<CurvePoint> trial in group.Series[index].Trials) WriteLine(html, Thin(trial), steps, values, index % Colors, group.Series[index].Trials.Count > 1);
        }
        html.Add($"</svg>\n");
    }

    private static void WriteGrid(HtmlBuilder html, ChartAxis steps, ChartAxis values)
    {
        foreach (double tick in values.Ticks)
        {
            double y = Y(values, tick);
            html.Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y}\" y2=\"{y}\"/>");
            html.Add($"<text x=\"{Left - 6}\" y=\"{y + 4}\" text-anchor=\"end\">{ChartAxis.Text(tick)}</text>");
        }
        foreach (double tick in steps.Ticks)
        {
            double x = X(steps, tick);
            html.Add($"<line class=\"tick\" x1=\"{x}\" x2=\"{x}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom + 4}\"/>");
            html.Add($"<text x=\"{x}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{ChartAxis.Text(tick)}</text>");
        }
        html.Add($"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/>");
        html.Add($"<text x=\"{(Width + Left - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">optimization steps</text>");
    }

    private static void WriteLine(HtmlBuilder html, IReadOnlyList<CurvePoint> points, ChartAxis steps, ChartAxis values, int color, bool several)
    {
        html.Add($"<path class=\"s{color}{(several ? " one" : "")}\" d=\"");
        for (int index = 0; index < points.Count; index++)
        {
            html.AddEncoded(index == 0 ? "M" : "L");
            html.Add($"{X(steps, points[index].Step)} {Y(values, points[index].Value)}");
        }
        html.Add($"\"/>");
        if (several || points.Count > MarkedPoints) return;
        foreach (CurvePoint point in points)
        {
            html.Add($"<circle class=\"s{color}\" cx=\"{X(steps, point.Step)}\" cy=\"{Y(values, point.Value)}\" r=\"2.2\"/>");
        }
    }

    /// <summary>Keeps the first and last point, and of every stretch between the lowest and the highest, so that spikes stay visible.</summary>
    private static IReadOnlyList<CurvePoint> Thin(IReadOnlyList<CurvePoint> points)
    {
        if (points.Count <= MaxPoints) return points;
        int stretch = (int)Math.Ceiling(points.Count / (MaxPoints / 2.0));
        IEnumerable<CurvePoint> kept = points.Chunk(stretch).SelectMany(chunk =>
            new[] { chunk.MinBy(point => point.Value)!, chunk.MaxBy(point => point.Value)! }.OrderBy(point => point.Step));
        return [points[0], .. kept.Where(point => point.Step > points[0].Step && point.Step < points[^1].Step), points[^1]];
    }

    private static double X(ChartAxis axis, double value) => Left + (axis.Place(value) * (Width - Left - Right));

    private static double Y(ChartAxis axis, double value) => Height - Bottom - (axis.Place(value) * (Height - Top - Bottom));
}
