using System.Globalization;
using CsvHelper;
using Factory.Contracts;
using Factory.Contracts.Api;

namespace Factory.Cli.Import;

/// <summary>What an import tells the user.</summary>
internal static class ImportReport
{
    private const int RefusedShown = 20;

    /// <summary>Lines on what was registered and what changed.</summary>
    public static IEnumerable<string> Lines(ImportOutcome outcome)
    {
        (NewCollectionVersion version, CollectionRegistered registered) = (outcome.Version, outcome.Registered);
        string name = $"{registered.Collection.Name}@{registered.Collection.Version}";
        if (!registered.Created) yield return $"{name} is the same already; no new version was made";
        else if (registered.Collection.Version == 1) yield return $"{name} registered";
        else yield return $"{name} registered: {registered.Added} added, {registered.Removed} removed, {registered.Changed} changed since version {registered.Collection.Version - 1}";
        if (registered.Created && registered.Collection.Version > 1)
        {
            foreach (string example in registered.Examples) yield return "  " + example;
        }
        yield return $"{version.Images.Count} images of {registered.Collection.Subjects} known subjects, {outcome.Decoded} decoded, layout {version.Layout}, split by {SplitWords(version.SplitBasis)}";
        yield return $"categories: {version.Categories}";
        foreach (string note in outcome.Notes) yield return "note: " + note;
    }

    /// <summary>Lines on the files refused: counts by kind, then the first few.</summary>
    public static IEnumerable<string> RefusedLines(IReadOnlyList<RefusedFile> refused)
    {
        if (refused.Count == 0) yield break;
        yield return $"{refused.Count} files refused: {string.Join(", ", RefusedFiles.CountByKind(refused).Select(count => $"{count.Count} {count.Kind}"))}";
        foreach (RefusedFile file in refused.Take(RefusedShown)) yield return $"  {file.Path}: {file.Reason}";
        if (refused.Count > RefusedShown) yield return $"  and {refused.Count - RefusedShown} more (--report FILE lists all)";
    }

    /// <summary>What a split is made by, in words.</summary>
    public static string SplitWords(string basis) => basis == SplitBases.Given ? "what was given" : basis;

    /// <summary>The steps of a preprocessing, in words.</summary>
    public static string Steps(Preprocessing preprocessing)
    {
        List<string> steps = [];
        if (preprocessing.CropFieldOfView) steps.Add("crop to the field of view (CFP)");
        if (preprocessing.Clahe) steps.Add("CLAHE (CFP)");
        if (preprocessing.Median) steps.Add("3x3 median (OCT)");
        if (preprocessing.Size is { } size) steps.Add($"resize to {size}x{size}");
        return steps.Count == 0 ? "none" : string.Join(", ", steps);
    }

    /// <summary>Writes all refused files as CSV with the columns path and reason.</summary>
    public static void WriteCsv(string path, IReadOnlyList<RefusedFile> refused)
    {
        using StreamWriter writer = new(path);
        using CsvWriter csv = new(writer, CultureInfo.InvariantCulture);
        csv.WriteField("path");
        csv.WriteField("reason");
        csv.NextRecord();
        foreach (RefusedFile file in refused)
        {
            csv.WriteField(file.Path);
            csv.WriteField(file.Reason);
            csv.NextRecord();
        }
    }
}
