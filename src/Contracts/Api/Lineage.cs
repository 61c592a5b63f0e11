namespace Factory.Contracts.Api;

/// <summary>Asks what became of a subject. Posted, not put into an address: subjects' ids are private, and addresses end up in logs.</summary>
public sealed record SubjectQuery
{
    /// <summary>The collection: <c>name</c> for all its versions, or <c>name@version</c>.</summary>
    public required string Collection { get; init; }

    /// <summary>The user's id of the subject, exactly as it was imported.</summary>
    public required string Subject { get; init; }

    /// <summary><see cref="SubjectLineage.Next"/> of the page before; absent: the first page.</summary>
    public string? After { get; init; }

    /// <summary>Samples a page, 1 to 10 000. Default 100.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A page of the samples that were made from a subject's images.</summary>
public sealed record SubjectLineage
{
    /// <summary>Images of the subject, over the versions asked for.</summary>
    public required int Images { get; init; }

    /// <summary>Samples in all that have one of them as source or partner.</summary>
    public required long Total { get; init; }

    /// <summary>The page.</summary>
    public required IReadOnlyList<DerivedSample> Samples { get; init; }

    /// <summary>Where the next page begins; absent on the last.</summary>
    public string? Next { get; init; }
}

/// <summary>A sample made from a subject's image.</summary>
public sealed record DerivedSample
{
    /// <summary>The sample's key.</summary>
    public required string Key { get; init; }

    /// <summary>Whether an image of the subject is its source.</summary>
    public required bool IsSource { get; init; }

    /// <summary>Whether an image of the subject is its partner.</summary>
    public required bool IsPartner { get; init; }

    /// <summary>Name of the manipulation.</summary>
    public required string Manipulation { get; init; }

    /// <summary>SHA-256 of the sample's image.</summary>
    public required Sha256Digest Image { get; init; }

    /// <summary>SHA-256 of the shard that holds it.</summary>
    public required Sha256Digest Shard { get; init; }

    /// <summary>The run.</summary>
    public required int RunId { get; init; }

    /// <summary>The run's step.</summary>
    public required string Step { get; init; }
}
