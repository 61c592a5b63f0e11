using Factory.Contracts.Api;
using Factory.Contracts.Recipes;

namespace Factory.Coordinator.Runs.Plans;

/// <summary>Adds to planned steps how long they would take. Only says so: what is planned stays what the recipe says.</summary>
internal static class PlanForecast
{
    private const double Minute = 60;
    private const int LargestShard = 10_000;

    /// <summary>The step with its forecasts.</summary>
    /// <param name="planned">The step's size.</param>
    /// <param name="rates">Rates of the step's own shape.</param>
    /// <param name="device">Kind of device the run would be pinned to.</param>
    public static PlannedStep Add(PlannedStep planned, IReadOnlyList<MeasuredRate> rates, string device) => planned with
    {
        Forecasts = [.. rates.OrderBy(rate => rate.Device != device).ThenBy(rate => rate.Device, StringComparer.Ordinal).Select(rate => Forecast(planned, rate))],
        MinuteShard = planned.Kind == KindOfShards && rates.FirstOrDefault(rate => rate.Device == device) is { } own ? MinuteShard(own.UnitsPerSecond) : null,
    };

    private static readonly string KindOfShards = nameof(SynthesizeStep)[..^"Step".Length];

    private static StepForecast Forecast(PlannedStep planned, MeasuredRate rate) => new()
    {
        Device = rate.Device,
        UnitsPerSecond = rate.UnitsPerSecond,
        Attempts = rate.Attempts,
        ItemSeconds = planned.ItemUnits!.Value / rate.UnitsPerSecond,
        StepSeconds = planned.Units > 0 ? planned.Units / rate.UnitsPerSecond : null,
    };

    /// <summary>Samples that take about a minute, two digits of them, within what recipes allow.</summary>
    internal static int MinuteShard(double samplesPerSecond)
    {
        double samples = samplesPerSecond * Minute, unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(1, samples))) - 1));
        return (int)Math.Clamp(Math.Round(samples / unit) * unit, 1, LargestShard);
    }
}
