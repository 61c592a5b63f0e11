namespace Factory.Hosting.Telemetry;

/// <summary>Every metric of the factory. Coordinators measure those of <see cref="Coordinator"/>, workers those of <see cref="Worker"/>; docs/telemetry.md lists them.</summary>
public static class FactoryMetrics
{
    /// <summary>Name of a coordinator's meter.</summary>
    public const string Coordinator = "Factory.Coordinator";

    /// <summary>Name of a worker's meter.</summary>
    public const string Worker = "Factory.Worker";

    /// <summary>Most items that are counted for each state: the question stays cheap however many there are.</summary>
    public const int CountedItems = 100_000;

    /// <summary>Names of the meters.</summary>
    public static string[] Meters => [Coordinator, Worker];

    /// <summary>Items that are open or poisoned.</summary>
    public static MetricDefinition Items { get; } = new(
        "factory.items", MetricKind.Gauge, "{item}", $"Items that wait, are invited, are worked on or are poisoned; counted up to {CountedItems} for each state. Every coordinator tells the same", "state");

    /// <summary>Runs that are not over.</summary>
    public static MetricDefinition Runs { get; } = new("factory.runs", MetricKind.Gauge, "{run}", "Runs that are not over. Every coordinator tells the same", "state");

    /// <summary>Age of the oldest invitation of a queue.</summary>
    public static MetricDefinition QueueAge { get; } = new(
        "factory.queue.oldest.age", MetricKind.Gauge, "s", "How long the invitation has waited that has waited longest in a queue of work; absent where none waits. Every coordinator tells the same", "queue");

    /// <summary>Invitations in a queue.</summary>
    public static MetricDefinition QueueLength { get; } = new("factory.queue.invitations", MetricKind.Gauge, "{item}", "Invitations that no worker has taken up. Every coordinator tells the same", "queue");

    /// <summary>Workers heard of within a minute.</summary>
    public static MetricDefinition Workers { get; } = new("factory.workers", MetricKind.Gauge, "{worker}", "Workers heard of within a minute, by kind of device. Every coordinator tells the same", "device", "state");

    /// <summary>Attempts begun.</summary>
    public static MetricDefinition AttemptsBegun { get; } = new("factory.attempts.begun", MetricKind.Counter, "{attempt}", "Attempts granted to workers; retry is true from the second attempt at an item on", "kind", "retry");

    /// <summary>Attempts ended.</summary>
    public static MetricDefinition AttemptsEnded { get; } = new("factory.attempts.ended", MetricKind.Counter, "{attempt}", "Attempts that ended: committed, failed, lost (the worker died or fell silent) or returned (it stopped)", "kind", "outcome");

    /// <summary>Items poisoned.</summary>
    public static MetricDefinition ItemsPoisoned { get; } = new("factory.items.poisoned", MetricKind.Counter, "{item}", "Items whose attempts were used up", "kind");

    /// <summary>Samples committed.</summary>
    public static MetricDefinition Samples { get; } = new("factory.samples", MetricKind.Counter, "{sample}", "Samples in committed shards");

    /// <summary>Samples rejected.</summary>
    public static MetricDefinition SamplesRejected { get; } = new("factory.samples.rejected", MetricKind.Counter, "{sample}", "Samples that were left out of committed shards", "reason");

    /// <summary>Runs that ended.</summary>
    public static MetricDefinition RunsEnded { get; } = new("factory.runs.ended", MetricKind.Counter, "{run}", "Runs that came to an end: Completed, Faulted or Canceled", "state");

    /// <summary>Time of a claim.</summary>
    public static MetricDefinition ClaimDuration { get; } = new("factory.claim.duration", MetricKind.Histogram, "s", "Time a coordinator takes to answer a worker's claim", "outcome");

    /// <summary>Time of a commit.</summary>
    public static MetricDefinition CommitDuration { get; } = new("factory.commit.duration", MetricKind.Histogram, "s", "Time a coordinator takes to commit a result, from its message to the end of the transaction", "kind");

    /// <summary>Events of lineage.</summary>
    public static MetricDefinition LineageEvents { get; } = new("factory.lineage.events", MetricKind.Counter, "{event}", "OpenLineage events that were sent or refused", "outcome");

    /// <summary>Time of an attempt.</summary>
    public static MetricDefinition AttemptDuration { get; } = new("factory.attempt.duration", MetricKind.Histogram, "s", "Time from a granted claim until the result is stored and told: completed, failed or ended", "kind", "outcome");

    /// <summary>Time in a phase.</summary>
    public static MetricDefinition PhaseTime { get; } = new("factory.phase.time", MetricKind.Counter, "s", "Time in which a phase of work was going on; phases overlap", "kind", "phase");

    /// <summary>Bytes uploaded.</summary>
    public static MetricDefinition UploadBytes { get; } = new("factory.upload", MetricKind.Counter, "By", "Bytes of artifacts written to the object store", "kind");

    /// <summary>Memory in use on the device.</summary>
    public static MetricDefinition DeviceMemory { get; } = new("factory.device.memory", MetricKind.Gauge, "By", "Memory in use on the worker's device, by whoever; on a CPU that of the worker's process", "device");

    /// <summary>Memory of the device.</summary>
    public static MetricDefinition DeviceMemoryLimit { get; } = new("factory.device.memory.limit", MetricKind.Gauge, "By", "Memory of the worker's device; on a CPU what the process may use", "device");

    /// <summary>All of a coordinator.</summary>
    public static IReadOnlyList<MetricDefinition> OfCoordinator { get; } =
    [
        Items, Runs, QueueLength, QueueAge, Workers, AttemptsBegun, AttemptsEnded, ItemsPoisoned, Samples, SamplesRejected, RunsEnded, ClaimDuration, CommitDuration, LineageEvents,
    ];

    /// <summary>All of a worker.</summary>
    public static IReadOnlyList<MetricDefinition> OfWorker { get; } = [AttemptDuration, PhaseTime, UploadBytes, DeviceMemory, DeviceMemoryLimit];

    /// <summary>All there are.</summary>
    public static IReadOnlyList<MetricDefinition> All { get; } = [.. OfCoordinator, .. OfWorker];
}
