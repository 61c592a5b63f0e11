namespace Factory.Contracts.Api;

/// <summary>What one check of a deployment found.</summary>
public sealed record DoctorFinding
{
    /// <summary>What was looked at, in a word or two.</summary>
    public required string Check { get; init; }

    /// <summary>What is so, in one line, without secrets.</summary>
    public required string Finding { get; init; }

    /// <summary>What to do about it; absent when all is well.</summary>
    public string? Remedy { get; init; }
}
