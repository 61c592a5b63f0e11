namespace Factory.Contracts.Api;

/// <summary>What became of what somebody wanted to do.</summary>
public enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused: the caller may not, or it cannot be (HTTP 400 to 499).</summary>
    Refused,

    /// <summary>It failed for want of something else (HTTP 500 and up).</summary>
    Failed,
}

/// <summary>An entry of the audit log. Holds no secret.</summary>
public sealed record AuditEntry
{
    /// <summary>Number of the entry; later ones are larger.</summary>
    public required long Id { get; init; }

    /// <summary>When, UTC; of a counted entry, the first time.</summary>
    public required DateTime At { get; init; }

    /// <summary>Who: the id of a key, <c>oidc:</c> and the subject of a token, <c>configured</c>, <c>loopback</c>, or <c>unknown</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Their name then.</summary>
    public required string ActorName { get; init; }

    /// <summary>Where they called from: an IP address.</summary>
    public required string Address { get; init; }

    /// <summary>What they did or wanted: <c>run.submit</c>, or <c>authenticate</c> where it went no further.</summary>
    public required string Action { get; init; }

    /// <summary>To what: a path of the API.</summary>
    public required string Target { get; init; }

    /// <summary>What became of it.</summary>
    public required AuditOutcome Outcome { get; init; }

    /// <summary>Why not, in a line; absent when it was done.</summary>
    public string? Detail { get; init; }

    /// <summary>How often; refusals alike within an hour are one entry.</summary>
    public required int Count { get; init; }

    /// <summary>The last time, UTC.</summary>
    public required DateTime LastAt { get; init; }
}

/// <summary>A page of the audit log, the latest entry first.</summary>
public sealed record AuditPage
{
    /// <summary>The entries.</summary>
    public required IReadOnlyList<AuditEntry> Entries { get; init; }

    /// <summary>Where the next page goes on (<c>before</c>); absent on the last.</summary>
    public long? Next { get; init; }
}
