using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>One image file that a layout names, before it is read.</summary>
internal sealed record SourceImage
{
    /// <summary>Path relative to the folder, with forward slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Path to open.</summary>
    public required string FullPath { get; init; }

    /// <summary>Label as written; empty when there is none.</summary>
    public required string Label { get; init; }

    /// <summary>Modality; unset when the layout does not say.</summary>
    public Modality? Modality { get; init; }

    /// <summary>The side of the split; unset when the layout does not say.</summary>
    public Split? Split { get; init; }

    /// <summary>The user's id of the subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The user's id of the eye, unique in the collection.</summary>
    public string? Eye { get; init; }

    /// <summary>Further keys: images that share one are never split.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>Masks of its lesions, where they were asked for.</summary>
    public IReadOnlyList<SourceMask> Masks { get; init; } = [];
}

/// <summary>One mask of an image's lesions.</summary>
/// <param name="Kind">The kind of lesion; null where the mask shows all that the image's category has.</param>
/// <param name="Path">Path relative to the folder, with forward slashes.</param>
/// <param name="FullPath">Path to open.</param>
internal sealed record SourceMask(string? Kind, string Path, string FullPath);

/// <summary>What a layout found in a folder.</summary>
internal sealed class SourceListing(string layout)
{
    /// <summary>Name of the layout.</summary>
    public string Layout { get; } = layout;

    /// <summary>The image files.</summary>
    public List<SourceImage> Images { get; set; } = [];

    /// <summary>Files refused so far.</summary>
    public RefusedFiles Refused { get; } = new();

    /// <summary>What the user ought to know about how the folder was read.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The categories that the layout prescribes; unset: from the labels.</summary>
    public CategoryList? Categories { get; set; }
}

/// <summary>Files refused, each with a reason that begins with its kind and a colon.</summary>
internal sealed class RefusedFiles
{
    private readonly List<RefusedFile> _files = [];
    private readonly Lock _lock = new();

    /// <summary>Number of files refused.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _files.Count;
        }
    }

    /// <summary>Refuses a file.</summary>
    /// <param name="path">Its path relative to the folder.</param>
    /// <param name="kind">A few words to count by.</param>
    /// <param name="detail">What exactly.</param>
    public void Add(string path, string kind, string detail)
    {
        lock (_lock) _files.Add(new() { Path = path, Reason = $"{kind}: {detail}" });
    }

    /// <summary>The files, sorted by path.</summary>
    public IReadOnlyList<RefusedFile> Sorted()
    {
        lock (_lock) return [.. _files.OrderBy(file => file.Path, StringComparer.Ordinal).ThenBy(file => file.Reason, StringComparer.Ordinal)];
    }

    /// <summary>Counts files by the kind of their reason, most frequent first.</summary>
    public static IEnumerable<(string Kind, int Count)> CountByKind(IEnumerable<RefusedFile> files) => files
        .GroupBy(file => file.Reason.Split(':', 2)[0], StringComparer.Ordinal)
        .Select(group => (Kind: group.Key, Count: group.Count()))
        .OrderByDescending(count => count.Count).ThenBy(count => count.Kind, StringComparer.Ordinal);
}
