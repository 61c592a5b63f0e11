using System.CommandLine;
using System.Globalization;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory audit ...</c>: who did what.</summary>
internal static class AuditCommands
{
    public static Command Create() => new("audit", "The coordinator's audit log; needs the role admin or steward.") { List() };

    private static Command List()
    {
        Option<string?> actor = new("--actor") { Description = "Only of this caller: name or id, loopback, configured, unknown." };
        Option<string?> action = new("--action") { Description = "Only this action, or all of a noun: run.submit, run, authenticate." };
        Option<AuditOutcome?> outcome = new("--outcome") { Description = "Only done, refused or failed." };
        Option<int> limit = new("--limit") { Description = "Entries to list, at most 1,000.", DefaultValueFactory = _ => 100 };
        Option<long?> before = new("--before") { Description = "Go on before the page that ended here." };
        Command command = new("list", "List who did what, the latest first.") { actor, action, outcome, limit, before };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string query = Query(("limit", $"{arguments.GetValue(limit)}"), ("actor", arguments.GetValue(actor)), ("action", arguments.GetValue(action)), ("outcome", $"{arguments.GetValue(outcome)}"), ("before", $"{arguments.GetValue(before)}"));
            Print(await session.Client.GetAsync<AuditPage>($"{Routes.Audit}?{query}", cancellationToken));
            return 0;
        });
        return command;
    }

    private static string Query(params (string Name, string? Value)[] parts) =>
        string.Join('&', parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));

    private static void Print(AuditPage page)
    {
        Table table = Tables.Create("entry", "time", "who", "from", "action", "target", "outcome");
        foreach (AuditEntry entry in page.Entries)
        {
            string who = entry.Actor == entry.ActorName ? entry.Actor : $"{entry.ActorName} ({entry.Actor})";
            string outcome = entry.Outcome.ToString().ToLowerInvariant() + (entry.Detail is { } detail ? $": {detail}" : "") + (entry.Count > 1 ? $" ({entry.Count} times until {Time(entry.LastAt)})" : "");
            table.AddTextRow($"{entry.Id}", Time(entry.At), who, entry.Address, entry.Action, entry.Target, outcome);
        }
        Tables.Print(table, "no entries");
        if (page.Next is { } next) Console.WriteLine($"more: --before {next}");
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
