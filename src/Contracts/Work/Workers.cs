namespace Factory.Contracts.Work;

/// <summary>Says that a worker is alive, what it is and what it does. Sent when it starts, about every ten seconds, and when it stops in order.</summary>
public sealed record WorkerSeen
{
    /// <summary>Name of the worker, unique among live workers; claims give the same.</summary>
    public required string Worker { get; init; }

    /// <summary>Version of the worker's program, with its source revision when known: <c>0.1.0+4f2c…</c>.</summary>
    public required string Build { get; init; }

    /// <summary>Kind of device, <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The device in the maker's words, such as <c>NVIDIA H100</c>.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Memory of the device in bytes; absent when unknown.</summary>
    public long? DeviceBytes { get; init; }

    /// <summary>Threads of one torch operation; absent before the first computation.</summary>
    public int? Threads { get; init; }

    /// <summary>Digests of the checkpoints that are loaded, a few at most.</summary>
    public required IReadOnlyList<Sha256Digest> Checkpoints { get; init; }

    /// <summary>The attempt in work; absent when idle.</summary>
    public AttemptRef? Attempt { get; init; }

    /// <summary>When the worker started, by its own clock, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When this was sent, by the worker's own clock, UTC. What the factory's clock says then shows the skew.</summary>
    public required DateTime SentAt { get; init; }

    /// <summary>Whether it is the last word of a worker that stops in order. Default false.</summary>
    public bool Stopped { get; init; }
}
