namespace Factory.GpuWorker.Reports;

/// <summary>One row of a dot plot.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Values">One value a trial, at least one.</param>
internal sealed record DotRow(string Name, IReadOnlyList<double> Values);

/// <summary>
/// Writes one score of several models as inline SVG: a row for each, its mean as a dot with a bar of one standard deviation to either side, its trials as rings, and a line
/// through the baseline's mean. Colors and fonts are the page's.
/// </summary>
internal static class DotPlot
{
    private const int Width = 640;
    private const int Right = 28;
    private const int Top = 8;
    private const int RowHeight = 34;
    private const int Bottom = 28;
    private const int LetterWidth = 9;
    private const int MostLetters = 26;

    /// <summary>Writes the plot.</summary>
    /// <param name="html">Takes it.</param>
    /// <param name="rows">The rows from top to bottom, at least one.</param>
    /// <param name="baseline">Index of the row that the others are compared with.</param>
    /// <param name="label">What the plot shows, for those who do not see it.</param>
    public static void Write(HtmlBuilder html, IReadOnlyList<DotRow> rows, int baseline, string label)
    {
        List<(double Mean, double? Deviation)> summaries = [.. rows.Select(row => TrialStatistics.Of(row.Values))];
        IEnumerable<double> ends = rows.SelectMany(row => row.Values).Concat(summaries.SelectMany(row => new[] { row.Mean - (row.Deviation ?? 0), row.Mean + (row.Deviation ?? 0) }));
        ChartAxis axis = ChartAxis.Over(ends.Min(), ends.Max(), 5);
        int left = 16 + (LetterWidth * Math.Min(MostLetters, rows.Max(row => row.Name.Length)));
        int height = Top + (RowHeight * rows.Count) + Bottom;
        html.Add($"<svg class=\"chart dots\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{label}\">");
        foreach (double tick in axis.Ticks)
        {
            html.Add($"<line class=\"grid\" x1=\"{X(tick)}\" x2=\"{X(tick)}\" y1=\"{Top}\" y2=\"{height - Bottom}\"/>");
            html.Add($"<text x=\"{X(tick)}\" y=\"{height - 8}\" text-anchor=\"middle\">{ChartAxis.Text(tick)}</text>");
        }
        html.Add($"<line class=\"against\" x1=\"{X(summaries[baseline].Mean)}\" x2=\"{X(summaries[baseline].Mean)}\" y1=\"{Top}\" y2=\"{height - Bottom}\"/>");
        for (int index = 0; index < rows.Count; index++) WriteRow(index);
        html.Add($"</svg>\n");

        double X(double value) => left + (axis.Place(value) * (Width - left - Right));

        void WriteRow(int index)
        {
            double y = Top + (RowHeight * (index + 0.5));
            (double mean, double? deviation) = summaries[index];
            html.Add($"<text class=\"name\" x=\"{left - 12}\" y=\"{y + 4}\" text-anchor=\"end\">{Short(rows[index].Name)}</text>");
            if (deviation is { } spread) html.Add($"<line class=\"spread\" x1=\"{X(mean - spread)}\" x2=\"{X(mean + spread)}\" y1=\"{y}\" y2=\"{y}\"/>");
            if (rows[index].Values.Count > 1)
            {
                foreach (double value in rows[index].Values) html.Add($"<circle class=\"trial\" cx=\"{X(value)}\" cy=\"{y}\" r=\"4.5\"/>");
            }
            html.Add($"<circle class=\"mean\" cx=\"{X(mean)}\" cy=\"{y}\" r=\"5\"/>");
        }
    }

    private static string Short(string name) => name.Length <= MostLetters ? name : name[..(MostLetters - 1)] + "…";
}
