using System.Diagnostics.Metrics;

namespace Factory.Hosting.Telemetry;

/// <summary>Kinds of metric.</summary>
public enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value as it is now.</summary>
    Gauge,

    /// <summary>How often values fell into each range.</summary>
    Histogram,
}

/// <summary>What a metric is, for code that measures it, documentation and whoever draws it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Unit">Its unit, in UCUM.</param>
/// <param name="Description">What it says.</param>
/// <param name="Attributes">What it is told apart by.</param>
public sealed record MetricDefinition(string Name, MetricKind Kind, string Unit, string Description, params string[] Attributes)
{
    /// <summary>Its name where Prometheus reads it; a histogram's series have <c>_bucket</c>, <c>_sum</c> and <c>_count</c> behind it.</summary>
    public string PrometheusName
    {
        get
        {
            string unit = Unit switch
            {
                "s" => "_seconds",
                "By" => "_bytes",
                _ => "",
            };
            return Name.Replace('.', '_') + unit + (Kind == MetricKind.Counter ? "_total" : "");
        }
    }

    /// <summary>A sum in whole numbers.</summary>
    /// <param name="meter">Whose it is.</param>
    public Counter<long> Count(Meter meter) => Of(meter).CreateCounter<long>(Name, Unit, Description);

    /// <summary>A sum of seconds.</summary>
    /// <param name="meter">Whose it is.</param>
    public Counter<double> Sum(Meter meter) => Of(meter).CreateCounter<double>(Name, Unit, Description);

    /// <summary>A distribution.</summary>
    /// <param name="meter">Whose it is.</param>
    public Histogram<double> Distribution(Meter meter) => Of(meter).CreateHistogram<double>(Name, Unit, Description);

    /// <summary>A value that is asked for when it is looked at.</summary>
    /// <param name="meter">Whose it is.</param>
    /// <param name="observe">Gives it.</param>
    public ObservableGauge<double> Observe(Meter meter, Func<IEnumerable<Measurement<double>>> observe) => Of(meter).CreateObservableGauge(Name, observe, Unit, Description);

    private static Meter Of(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter;
    }
}
