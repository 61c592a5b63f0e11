using System.Globalization;

namespace Factory.GpuWorker.Reports;

/// <summary>A linear axis whose ticks are multiples of 1, 2 or 5 times a power of ten.</summary>
/// <param name="Low">Value at its beginning.</param>
/// <param name="High">Value at its end.</param>
/// <param name="Ticks">Where it is marked, both ends included.</param>
internal sealed record ChartAxis(double Low, double High, IReadOnlyList<double> Ticks)
{
    /// <summary>An axis that holds two values, with about so many ticks.</summary>
    public static ChartAxis Over(double low, double high, int ticks)
    {
        if (high - low < 1e-12 * Math.Max(1e-9, Math.Abs(high))) high = low + Math.Max(1e-9, Math.Abs(low));
        double raw = (high - low) / ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        long first = (long)Math.Floor(low / step);
        long last = (long)Math.Ceiling((high / step) - 1e-9);
        double[] marks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(index => Math.Round((first + index) * step, 12))];
        return new(marks[0], marks[^1], marks);
    }

    /// <summary>Where a value lies, from 0 at the beginning to 1 at the end.</summary>
    public double Place(double value) => (value - Low) / (High - Low);

    /// <summary>A tick in words.</summary>
    public static string Text(double tick) => tick.ToString(Math.Abs(tick) is > 0 and < 0.001 ? "0.##E-0" : "#,0.####", CultureInfo.InvariantCulture);
}
