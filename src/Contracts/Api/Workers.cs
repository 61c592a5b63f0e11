namespace Factory.Contracts.Api;

/// <summary>A worker as the coordinator knows it.</summary>
public sealed record WorkerStatus
{
    /// <summary>Name of the worker.</summary>
    public required string Name { get; init; }

    /// <summary>Version of its program.</summary>
    public required string Build { get; init; }

    /// <summary>Kind of device, <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The device in the maker's words.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Memory of the device in bytes; absent when unknown.</summary>
    public long? DeviceBytes { get; init; }

    /// <summary>Threads of one torch operation; absent before its first computation.</summary>
    public int? Threads { get; init; }

    /// <summary>Digests of the checkpoints it has loaded.</summary>
    public required IReadOnlyList<Sha256Digest> Checkpoints { get; init; }

    /// <summary>The attempt it holds, by the coordinator's ledger; absent when idle.</summary>
    public WorkerTask? Doing { get; init; }

    /// <summary>When it started, by its own clock, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was last heard of, by the factory's clock, that of its database, UTC.</summary>
    public required DateTime SeenAt { get; init; }

    /// <summary>Seconds since then.</summary>
    public required double SecondsAgo { get; init; }

    /// <summary>Seconds by which the factory's clock, that of its database, is ahead of the worker's; a message's time on its way is in it.</summary>
    public required double SkewSeconds { get; init; }

    /// <summary>Whether it stopped in order.</summary>
    public required bool Stopped { get; init; }
}

/// <summary>The attempt a worker is at.</summary>
public sealed record WorkerTask
{
    /// <summary>The run.</summary>
    public required int RunId { get; init; }

    /// <summary>The step.</summary>
    public required string Step { get; init; }

    /// <summary>The item.</summary>
    public required long ItemId { get; init; }

    /// <summary>The item's number within the step, from 0.</summary>
    public required long Ordinal { get; init; }

    /// <summary>The attempt, counted from 1.</summary>
    public required int Attempt { get; init; }
}

/// <summary>Which program answers.</summary>
public sealed record CoordinatorVersion
{
    /// <summary>Version of the coordinator's program, with its source revision when known.</summary>
    public required string Build { get; init; }
}
