using System.Globalization;
using Factory.Contracts;

namespace Factory.Cli.Import;

/// <summary>The categories of an import, and the category that each label as written means.</summary>
internal sealed class LabelMap
{
    private const int MostCategories = 1000;
    private static readonly string[] AmdLetters = ["H", "D", "P", "W"];

    private LabelMap(CategoryList categories, IReadOnlyList<string> notes) => (Categories, Notes) = (categories, notes);

    /// <summary>The categories.</summary>
    public CategoryList Categories { get; }

    /// <summary>What was guessed.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Index of an AMD category by name or letter, or -1.</summary>
    public static int AmdIndex(string label)
    {
        string plain = Words.Plain(label);
        int letter = Array.IndexOf(AmdLetters, plain);
        return letter >= 0 ? letter : CategoryList.Amd.IndexOf(plain);
    }

    /// <summary>Settles the categories.</summary>
    /// <param name="labels">Labels as written; empty ones count for nothing.</param>
    /// <param name="prescribed">Categories that the layout prescribes.</param>
    /// <param name="options">What the user asked for.</param>
    /// <exception cref="CliException">The categories contradict themselves.</exception>
    public static LabelMap For(IEnumerable<string> labels, CategoryList? prescribed, ImportOptions options)
    {
        List<string> written = [.. labels.Where(label => label.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (options.Categories is { } chosen) return Named(chosen, options.Background);
        if (prescribed is not null || (written.Count > 0 && written.TrueForAll(label => AmdIndex(label) >= 0)))
        {
            return options.Background is null ? new(CategoryList.Amd, []) : Named(CategoryList.Amd.Names, options.Background);
        }
        if (written.Count > MostCategories) throw new CliException($"there are {written.Count} different labels, at most {MostCategories} are categories; is it the right column (--label-column)?");
        if (written.Count < 2) throw new CliException(written.Count == 0 ? "no image has a label." : $"all images are of one category, {written[0]}; at least two are needed.");
        return Named(Sort(written), options.Background);
    }

    /// <summary>Index of the category that a label means, or -1. A number is an index where no category is named so.</summary>
    public int IndexOf(string label)
    {
        int named = Categories.IndexOf(label);
        if (named >= 0) return named;
        if (Categories.Names.SequenceEqual(CategoryList.Amd.Names) && AmdIndex(label) is var amd and >= 0) return amd;
        return int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < Categories.Count ? index : -1;
    }

    private static LabelMap Named(IReadOnlyList<string> names, string? background)
    {
        List<string> trimmed = [.. names.Select(name => name.Trim())];
        if (trimmed.Count < 2 || trimmed.Contains("") || trimmed.Distinct(StringComparer.OrdinalIgnoreCase).Count() != trimmed.Count)
        {
            throw new CliException($"the categories {string.Join(", ", trimmed)} are not at least two different names.");
        }
        CategoryList categories = new() { Names = trimmed, Background = 0 };
        if (background is not null)
        {
            int index = categories.IndexOf(background.Trim());
            return index >= 0
                ? new(categories with { Background = index }, [])
                : throw new CliException($"the background '{background}' is not among the categories: {string.Join(", ", trimmed)}.");
        }
        int healthy = trimmed.FindIndex(Words.IsHealthy);
        return healthy >= 0
            ? new(categories with { Background = healthy }, [])
            : new(categories, [$"no category is named like a healthy one; {trimmed[0]} is taken as the background (--background names another)"]);
    }

    private static List<string> Sort(List<string> labels) => labels.TrueForAll(label => int.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        ? [.. labels.OrderBy(label => int.Parse(label, CultureInfo.InvariantCulture))]
        : [.. labels.Order(StringComparer.Ordinal)];
}
