using Factory.Contracts;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Collections;

/// <summary>The kinds of lesion that a collection's masks are of.</summary>
internal static class LesionKinds
{
    /// <summary>What a name is, in words.</summary>
    public const string Rule = "letters, digits, dashes and underscores, at most 40";

    /// <summary>Whether a kind may be called so.</summary>
    public static bool IsName(string kind) => kind.Length is > 0 and <= 40 && kind.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    /// <summary>The kinds of some images, in ordinal order; what is named like the background category is no lesion.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<CollectionImage> images, CategoryList categories) =>
        [.. images.SelectMany(image => image.Lesions?.Keys ?? []).Distinct(StringComparer.Ordinal).Except([categories.Names[categories.Background]]).Order(StringComparer.Ordinal)];
}
