using System.CommandLine;
using Factory.Cli.Import;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory collection ...</c></summary>
internal static class CollectionCommands
{
    public static Command Create() => new("collection", "Collections: registered, immutable sets of real images with labels and splits.") { Shared.Project, CollectionImportCommand.Create(), List(), Show() };

    private static Command List()
    {
        Command command = new("list", "List collections and their versions.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            Table table = Versions(await session.Client.GetAsync<List<CollectionSummary>>(Routes.Collections, cancellationToken));
            Tables.Print(table, "no collections yet: factory collection import PATH --name NAME");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        Argument<string> reference = new("COLLECTION") { Description = "Name, or name@version; a name alone means the latest version." };
        Command command = new("show", "Show a collection: counts, split, preprocessing, refused files, versions.") { reference };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string path = Routes.Collection.Replace("{reference}", Uri.EscapeDataString(arguments.GetValue(reference)!), StringComparison.Ordinal);
            Print(await session.Client.GetAsync<CollectionDetail>(path, cancellationToken));
            return 0;
        });
        return command;
    }

    private static void Print(CollectionDetail collection)
    {
        CollectionSummary summary = collection.Summary;
        Console.WriteLine($"{summary.Name}@{summary.Version}: {summary.Images} images of {summary.Subjects} known subjects, digest {summary.Digest}");
        Console.WriteLine($"categories: {summary.Categories}");
        Console.WriteLine($"licence: {summary.License ?? "not said"}");
        if (collection.Terms is { } terms) Console.WriteLine($"terms: {terms}");
        Console.WriteLine($"preprocessing: {ImportReport.Steps(collection.Preprocessing)}");
        Console.WriteLine($"layout {collection.Layout}, split by {ImportReport.SplitWords(collection.SplitBasis)}");
        Tables.Print(Counts(collection), "no images");
        if (collection.Lesions.Count > 0) Console.WriteLine($"lesion masks: {string.Join(", ", collection.Lesions.Select(kind => $"{kind.Key} of {kind.Value} images"))}");
        foreach (string line in ImportReport.RefusedLines(collection.Refused).Take(1)) Console.WriteLine(line);
        Tables.Print(Versions(collection.Versions), "no versions");
    }

    private static Table Counts(CollectionDetail collection)
    {
        Table table = Tables.Create(["modality", "split", .. collection.Summary.Categories.Names, "all"]);
        foreach (CollectionCount count in collection.Counts.OrderBy(count => count.Modality).ThenBy(count => count.Split))
        {
            table.AddTextRow([$"{count.Modality}", $"{count.Split}", .. count.Categories.Select(images => $"{images}"), $"{count.Categories.Sum()}"]);
        }
        return table;
    }

    private static Table Versions(IEnumerable<CollectionSummary> versions)
    {
        Table table = Tables.Create("project", "collection", "images", "subjects", "categories", "licence", "registered", "digest");
        foreach (CollectionSummary version in versions)
        {
            table.AddTextRow(
                version.Project, $"{version.Name}@{version.Version}", $"{version.Images}", $"{version.Subjects}", $"{version.Categories}", version.License ?? "", $"{version.CreatedAt:yyyy-MM-dd HH:mm}", version.Digest.Short);
        }
        return table;
    }
}
