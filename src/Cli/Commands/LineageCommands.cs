using System.CommandLine;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory lineage ...</c>: what became of an image's subject. What is behind a sample is said by <c>factory explain</c>.</summary>
internal static class LineageCommands
{
    public static Command Create() => new("lineage", "What was made from whom.") { Shared.Project, Subject() };

    private static Command Subject()
    {
        Argument<string> collection = new("COLLECTION") { Description = "Name for all versions, or name@version." };
        Argument<string> subject = new("SUBJECT") { Description = "The subject's id, as it was imported." };
        Option<int> limit = new("--limit") { Description = "Samples to list.", DefaultValueFactory = _ => 100 };
        Option<string?> after = new("--after") { Description = "Go on after the page that ended here." };
        Option<bool> keys = new("--keys") { Description = "Only the samples' keys, one a line, all of them." };
        Command command = new("subject", "List the samples whose source or partner is an image of a subject.") { collection, subject, limit, after, keys };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            bool bare = arguments.GetValue(keys);
            SubjectQuery query = new()
            {
                Collection = arguments.GetValue(collection)!,
                Subject = arguments.GetValue(subject)!,
                After = arguments.GetValue(after),
                Limit = bare ? 10_000 : arguments.GetValue(limit),
            };
            SubjectLineage page = await session.Client.PostAsync<SubjectLineage>(Routes.SubjectLineage, query, cancellationToken);
            if (!bare) return Print(page);
            while (true)
            {
                foreach (DerivedSample sample in page.Samples) Console.WriteLine(sample.Key);
                if (page.Next is null) return 0;
                page = await session.Client.PostAsync<SubjectLineage>(Routes.SubjectLineage, query with { After = page.Next }, cancellationToken);
            }
        });
        return command;
    }

    private static int Print(SubjectLineage page)
    {
        Console.WriteLine($"{page.Total} samples from {page.Images} images of the subject");
        if (page.Samples.Count == 0) return 0;
        Table table = Tables.Create("sample", "as", "manipulation", "run", "step", "shard");
        foreach (DerivedSample sample in page.Samples)
        {
            string role = sample.IsPartner ? (sample.IsSource ? "source, partner" : "partner") : "source";
            table.AddTextRow(sample.Key, role, sample.Manipulation, $"{sample.RunId}", sample.Step, sample.Shard.Short);
        }
        Tables.Print(table, "");
        if (page.Next is { } next) Console.WriteLine($"more: --after {next}, or --keys for all");
        return 0;
    }
}
