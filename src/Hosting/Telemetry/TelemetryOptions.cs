using System.ComponentModel.DataAnnotations;

namespace Factory.Hosting.Telemetry;

/// <summary>Forms of log lines on the console.</summary>
public enum LogFormat
{
    /// <summary>A line for people.</summary>
    Line,

    /// <summary>A JSON object a line, with the ids of run, step, item, attempt and trace.</summary>
    Json,
}

/// <summary>What a service tells about itself. Where it is sent is said by the variables of OpenTelemetry, see docs/telemetry.md.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Form of log lines on the console: <c>Line</c> (default) or <c>Json</c>.</summary>
    [EnumDataType(typeof(LogFormat), ErrorMessage = "Telemetry:LogFormat must be Line or Json.")]
    public LogFormat LogFormat { get; set; }

    /// <summary>
    /// Items of each step, from the first, that are in their run's trace; each invitation to a later one begins a trace of its own, which is linked to the run's. Default 500, about ten thousand spans a
    /// step; viewers of traces grow slow beyond.
    /// </summary>
    [Range(0, int.MaxValue, ErrorMessage = "Telemetry:ItemsInRunTrace must not be negative.")]
    public int ItemsInRunTrace { get; set; } = 500;
}
