namespace Factory.Contracts.Api;

/// <summary>How much a project may have.</summary>
public sealed record ProjectQuotas
{
    /// <summary>Most images, imported ones and samples together, 0 or more; absent: any number.</summary>
    public long? Images { get; init; }

    /// <summary>Most bytes stored, 0 or more; absent: any number.</summary>
    public long? Bytes { get; init; }
}

/// <summary>A project to be made.</summary>
public sealed record NewProject
{
    /// <summary>Its name: lower-case letters, digits and dashes, at most 63.</summary>
    public required string Name { get; init; }

    /// <summary>How much it may have. Default: any number of images and bytes.</summary>
    public ProjectQuotas Quotas { get; init; } = new();
}

/// <summary>A project, what it may have and what it has.</summary>
public sealed record ProjectDetail
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How much it may have.</summary>
    public required ProjectQuotas Quotas { get; init; }

    /// <summary>Images it has: pictures of its collections, each once, and samples of its runs that are over.</summary>
    public required long Images { get; init; }

    /// <summary>Samples that its runs which are not over are to make; they count as had.</summary>
    public required long ReservedImages { get; init; }

    /// <summary>Bytes it has stored: what was uploaded, and what its runs made. The same blob counts once.</summary>
    public required long Bytes { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}

/// <summary>What an import is about to bring, asked before anything is uploaded.</summary>
public sealed record ImportAnnouncement
{
    /// <summary>Files that are not prepared in the project yet, each picture once, before they are opened.</summary>
    public required long Images { get; init; }
}
