using Factory.Storage;

namespace Factory.GpuWorker.Presence;

/// <summary>How often a worker says that it is there.</summary>
public sealed class PresenceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Presence";

    /// <summary>Time between two signs. Default ten seconds.</summary>
    [DurationRange("00:00:01", "00:10:00", ErrorMessage = "Presence:Interval must lie between one second and ten minutes.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A file that is written with each sign, whether the broker takes it or not, and removed at the stop; <c>Factory.GpuWorker --health</c> reads its age. Each worker
    /// needs its own. Unset (default): none is written.
    /// </summary>
    public string? File { get; set; }
}
