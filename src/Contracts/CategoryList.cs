namespace Factory.Contracts;

/// <summary>The ordered categories of a collection, one of them the healthy background. Index order is the order of logits and CAM channels.</summary>
public sealed record CategoryList
{
    /// <summary>The AMD categories of MMC-AMD (arXiv 2012.01879), the default: Normal (background), DryAmd, Pcv, WetAmd.</summary>
    public static CategoryList Amd { get; } = new() { Names = ["Normal", "DryAmd", "Pcv", "WetAmd"], Background = 0 };

    /// <summary>At least two distinct names, in index order.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Index of the background (healthy) category, whose CAM channel no condition map carries.</summary>
    public required int Background { get; init; }

    /// <summary>Number of categories, K.</summary>
    public int Count => Names.Count;

    /// <summary>Index of <paramref name="name"/>, ignoring case, or -1.</summary>
    public int IndexOf(string name)
    {
        for (int index = 0; index < Names.Count; index++)
        {
            if (string.Equals(Names[index], name, StringComparison.OrdinalIgnoreCase)) return index;
        }
        return -1;
    }

    /// <summary>Whether both lists name the same categories in the same order with the same background.</summary>
    public bool Matches(CategoryList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Background == other.Background && Names.SequenceEqual(other.Names, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Names.Select((name, index) => index == Background ? name + " (background)" : name));
}
