using System.Text.RegularExpressions;
using Factory.Contracts;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Collections;

/// <summary>The kinds of lesion that a collection's masks are of.</summary>
internal static class LesionKinds
{
    /// <summary>What a name is, as a pattern.</summary>
    public const string Pattern = "^[A-Za-z0-9_-]{1,40}$";

    /// <summary>What a name is, in words.</summary>
    public const string Rule = "letters, digits, dashes and underscores, at most 40";

    /// <summary>Whether a kind may be called so.</summary>
    // By length, because $ also matches before a last line break.
    public static bool IsName(string kind) => Regex.Match(kind, Pattern) is { Success: true } match && match.Length == kind.Length;

    /// <summary>The kinds of some images, in ordinal order; what is named like the background category is no lesion.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<CollectionImage> images, CategoryList categories) =>
        [.. images.SelectMany(image => image.Lesions?.Keys ?? []).Distinct(StringComparer.Ordinal).Except([categories.Names[categories.Background]]).Order(StringComparer.Ordinal)];
}
