namespace Factory.Contracts.Api;

/// <summary>What the holder of a key or token is to the factory. Which endpoints each may call is in docs/access.md.</summary>
public enum ApiRole
{
    /// <summary>Looks at everything but keys, the audit log and what became of a subject.</summary>
    Viewer,

    /// <summary>A viewer who also submits and steers runs.</summary>
    Operator,

    /// <summary>A viewer who also answers for the data: collections, checkpoints, lineage of subjects, the audit log.</summary>
    Steward,

    /// <summary>May do everything, and makes and revokes keys.</summary>
    Admin,

    /// <summary>A program that works: it is told the coordinator's version. Work itself goes over the broker.</summary>
    Worker,
}

/// <summary>An API key to be made.</summary>
public sealed record NewApiKey
{
    /// <summary>What the audit log calls its holder: lower-case letters, digits, dots, dashes, underscores and @, at most 63; of one key that is not revoked.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do.</summary>
    public required ApiRole Role { get; init; }

    /// <summary>When it ends, UTC; absent: only when it is revoked.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Names of the projects it is confined to, at least one; absent: it sees all. Admins and workers are of the whole factory and cannot be confined.</summary>
    public IReadOnlyList<string>? Projects { get; init; }
}

/// <summary>An API key, without its secret.</summary>
public sealed record ApiKeyDetail
{
    /// <summary>The public part of the key, twelve hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do.</summary>
    public required ApiRole Role { get; init; }

    /// <summary>Names of the projects it is confined to; absent: it sees all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Who made it, as the audit log names them.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it ends, UTC; absent: only when it is revoked.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>When it was revoked, UTC; absent: it was not.</summary>
    public DateTime? RevokedAt { get; init; }

    /// <summary>When it was last used, UTC, to the hour; absent: never.</summary>
    public DateTime? LastUsedAt { get; init; }
}

/// <summary>A key that was just made.</summary>
public sealed record ApiKeyCreated
{
    /// <summary>What is kept of it.</summary>
    public required ApiKeyDetail Detail { get; init; }

    /// <summary>The key itself, which is told this once and never again.</summary>
    public required string Key { get; init; }
}
