using System.ComponentModel.DataAnnotations;
using Factory.Storage;

namespace Factory.Coordinator.Runs;

/// <summary>How runs are dispatched, and what is pinned for a run that does not say.</summary>
public sealed class RunOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Runs";

    /// <summary>Kind of device of runs whose recipe names none: <c>cpu</c> (default) or <c>cuda</c>.</summary>
    [RegularExpression("cpu|cuda", ErrorMessage = "Runs:Device must be cpu or cuda.")]
    public string Device { get; set; } = "cpu";

    /// <summary>Torch threads of runs whose recipe names none. Default: the processors of the coordinator's machine, at most 8.</summary>
    [Range(1, 256)]
    public int Threads { get; set; } = Math.Min(Environment.ProcessorCount, 8);

    /// <summary>
    /// Invitations that may wait for a kind of device at a time, beside two for each item that of late was worked on at once; the active runs share them by priority, and each has at least one.
    /// Default 4. Bounds how long a cancel takes, how unfair the queue can be, and how much of a large run sits in the broker.
    /// </summary>
    [Range(1, 10_000)]
    public int Window { get; set; } = 4;

    /// <summary>Attempts after which an item is poisoned. Default 5.</summary>
    [Range(1, 100)]
    public int AttemptLimit { get; set; } = 5;

    /// <summary>
    /// How long after an item's first attempt those that fail for want of a disk or of the object store do not count against it: no item is to be poisoned by an outage. Default 12
    /// hours; zero where nobody but the user can end one.
    /// </summary>
    [DurationRange("00:00:00", "30.00:00:00")]
    public TimeSpan OutagePatience { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long an attempt may be silent before it counts as lost. Default one minute.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After this long without a claim an invitation is sent again. Default ten minutes.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan InvitationTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Delay before the second attempt; doubles with each further one, at most 5 minutes. Default one second.</summary>
    [DurationRange("00:00:00", "00:05:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the dispatcher looks without being woken. Default one second.</summary>
    [DurationRange("00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether every attempt and invitation is lost when the coordinator starts, because the queue lived in its own process. Set with the in-memory transport. Default false.</summary>
    public bool QueueIsVolatile { get; set; }

    /// <summary>The wait before attempt <paramref name="next"/>.</summary>
    /// <param name="next">The attempt to come, counted from 1.</param>
    public TimeSpan DelayBefore(int next) =>
        TimeSpan.FromTicks(Math.Min(RetryDelay.Ticks << Math.Clamp(next - 2, 0, 20), TimeSpan.FromMinutes(5).Ticks));
}
