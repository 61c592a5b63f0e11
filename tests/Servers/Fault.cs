namespace Factory.Tests.Servers;

/// <summary>What a <see cref="FaultProxy"/> does to its connections. Faults that do not exclude each other can be had together.</summary>
public sealed record Fault
{
    /// <summary>None: everything passes.</summary>
    public static Fault None { get; } = new();

    /// <summary>Nothing listens: new connections are refused and open ones are cut.</summary>
    public static Fault Refuse { get; } = new() { Refuses = true };

    /// <summary>Connections are accepted and stay open, and no byte moves until the fault is over; then what was held flows on.</summary>
    public static Fault BlackHole { get; } = new() { Holds = true };

    /// <summary>Whether new connections are refused and open ones are cut.</summary>
    public bool Refuses { get; init; }

    /// <summary>Whether bytes are held.</summary>
    public bool Holds { get; init; }

    /// <summary>How many bytes of a connection, both ways together, may pass from when the fault is set until it is cut by a reset; unset for no end.</summary>
    public long? CutAfterBytes { get; init; }

    /// <summary>How long each piece read from one side waits before it goes to the other. Default none.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The most that passes in one direction of a connection; unset for no limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Connections are cut after a number of bytes.</summary>
    public static Fault CutAfter(long bytes) => new() { CutAfterBytes = bytes };

    /// <summary>Every piece comes late.</summary>
    public static Fault Late(TimeSpan delay) => new() { Delay = delay };

    /// <summary>Bytes trickle.</summary>
    public static Fault Throttle(long bytesPerSecond) => new() { BytesPerSecond = bytesPerSecond };
}
