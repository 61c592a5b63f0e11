using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Synthesis.Imaging;

namespace Factory.Cli.Import;

/// <summary>What an import was asked to do.</summary>
internal sealed record ImportOptions
{
    /// <summary>The folder, or the CSV file whose folder holds the images.</summary>
    public required string Path { get; init; }

    /// <summary>Name of the collection.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="Layouts"/>; unset: detected.</summary>
    public string? Layout { get; init; }

    /// <summary>Category names in index order; unset: from the labels.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Name of the background category; unset: the one that is named like health.</summary>
    public string? Background { get; init; }

    /// <summary>Modality of every image; unset: each image's own.</summary>
    public Modality? Modality { get; init; }

    /// <summary>What to do to the pixels.</summary>
    public Preprocessing Preprocessing { get; init; } = new();

    /// <summary>Sizes accepted.</summary>
    public DecodeLimits Limits { get; init; } = DecodeLimits.Default;

    /// <summary>How to split.</summary>
    public SplitOptions Split { get; init; } = new();

    /// <summary>Names of CSV columns where they cannot be guessed.</summary>
    public CsvColumns Columns { get; init; } = new();

    /// <summary>Whether the lesion masks that a table names are brought in too.</summary>
    public bool Lesions { get; init; }

    /// <summary>Whether the first of two equal pictures with different labels is kept; otherwise both are refused.</summary>
    public bool KeepFirstOfConflict { get; init; }

    /// <summary>Licence of the images; unset: not said.</summary>
    public string? License { get; init; }

    /// <summary>Terms of use; unset: not said.</summary>
    public string? Terms { get; init; }

    /// <summary>Images worked on at once, at least 1. Default: twice the processors, so that uploads overlap decoding.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount * 2;
}

/// <summary>How a collection is split.</summary>
internal sealed record SplitOptions
{
    /// <summary>One of <see cref="SplitBases"/>; unset: the given split, else the widest ids known.</summary>
    public string? Basis { get; init; }

    /// <summary>Share of the images of a category for validation, in [0, 1). Default 0.15.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>Share of the images of a category for the test, in [0, 1). Default 0.15.</summary>
    public double Test { get; init; } = 0.15;

    /// <summary>Seed of the assignment.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Names of the columns of a CSV file; an unset one is looked for under the names it usually has.</summary>
internal sealed record CsvColumns
{
    public string? Path { get; init; }

    public string? Label { get; init; }

    public string? Subject { get; init; }

    public string? Eye { get; init; }

    public string? Modality { get; init; }

    public string? Split { get; init; }

    /// <summary>Column whose equal values must not be split, such as near duplicates.</summary>
    public string? Group { get; init; }
}

/// <summary>Names of the layouts.</summary>
internal static class Layouts
{
    public const string Folders = "folders", Csv = "csv", MmcAmd = "mmc-amd";
}

/// <summary>Names of what a split is made by.</summary>
internal static class SplitBases
{
    public const string Given = "given", Subject = "subject", Eye = "eye", Image = "image";
}
