using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>What verifying a corpus found.</summary>
public sealed record VerificationReport
{
    /// <summary>Problems listed at most; a corpus with more is broken enough.</summary>
    public const int ProblemLimit = 1000;

    /// <summary>Whether the folder holds exactly the corpus its manifest describes.</summary>
    public bool Ok => Problems.Count == 0;

    /// <summary>What is wrong, at most <see cref="ProblemLimit"/>.</summary>
    public required IReadOnlyList<VerificationProblem> Problems { get; init; }

    /// <summary>Samples read.</summary>
    public required long Samples { get; init; }

    /// <summary>Shards read.</summary>
    public required int Shards { get; init; }

    /// <summary>The manifest's digest, which names the corpus.</summary>
    public required Sha256Digest Digest { get; init; }
}

/// <summary>One thing wrong with a corpus.</summary>
/// <param name="File">The file.</param>
/// <param name="Member">The member of the shard; empty when it is the file itself.</param>
/// <param name="Finding">What is wrong with it.</param>
public sealed record VerificationProblem(string File, string Member, string Finding)
{
    /// <inheritdoc/>
    public override string ToString() => Member.Length == 0 ? $"{File}: {Finding}" : $"{File}: {Member}: {Finding}";
}
