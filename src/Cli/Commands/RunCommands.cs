using System.CommandLine;
using Factory.Cli.Hosting;
using Factory.Cli.Output;
using Factory.Contracts;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory run ...</c></summary>
internal static class RunCommands
{
    private static readonly Argument<int> Id = new("RUN") { Description = "The run's number." };

    public static Command Create() => new("run", "Submit recipes, and watch and steer what comes of them.")
    {
        Shared.Project, Submit(), List(), Show(), Watch(), Steer("cancel", "Cancel a run; what is committed stays.", Routes.RunCancel),
        Steer("retry", "Revive a faulted or canceled run; what is committed stays.", Routes.RunRetry), Report(), RunPredictionsCommand.Create(Id),
    };

    private static Command Submit()
    {
        Argument<string> file = new("RECIPE") { Description = "The recipe, a YAML file." };
        Option<bool> watch = new("--watch") { Description = "Watch the run, and with an embedded factory work on it, until it ends." };
        Option<RunPriority> priority = new("--priority") { Description = "bulk, or interactive where somebody waits for it: its items have queues of their own and a larger share of the workers." };
        Command command = new("submit", "Submit a recipe.") { file, watch, priority };
        command.Does(async (arguments, cancellationToken) =>
        {
            bool watching = arguments.GetValue(watch);
            string path = arguments.GetValue(file)!;
            string yaml = await RecipeFile.ReadAsync(path, cancellationToken);
            await using Session session = await Session.OpenAsync(Shared.PlaceOf(arguments), watching, cancellationToken);
            RunSummary run = await session.Client.PostRecipeAsync<RunSummary>($"{Routes.Runs}?priority={arguments.GetValue(priority)}", yaml, path, cancellationToken);
            Console.WriteLine($"run {run.Id} submitted: {run.Name} on {run.Collection}, recipe {run.Recipe.Short}, {run.Numerics.Device} with {run.Numerics.Threads} threads");
            if (watching) return await RunWatch.FollowAsync(session, run.Id, cancellationToken);
            Console.WriteLine($"{(session.IsEmbedded ? "work on it" : "watch it")} with: factory run watch {run.Id}");
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        Option<int> limit = new("--limit") { Description = "Runs to list, at most 1,000.", DefaultValueFactory = _ => 100 };
        Option<int?> before = new("--before") { Description = "Only runs before this one." };
        Command command = new("list", "List runs, newest first.") { limit, before };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string page = arguments.GetValue(before) is { } last ? $"&before={last}" : "";
            List<RunSummary> runs = await session.Client.GetAsync<List<RunSummary>>($"{Routes.Runs}?limit={arguments.GetValue(limit)}{page}", cancellationToken);
            Table table = Tables.Create("run", "project", "name", "collection", "state", "submitted", "recipe");
            foreach (RunSummary run in runs)
            {
                table.AddTextRow($"{run.Id}", run.Project, run.Name, run.Collection, $"{run.State}", $"{run.CreatedAt:yyyy-MM-dd HH:mm}", run.Recipe.Short);
            }
            Tables.Print(table, "no runs yet: factory run submit RECIPE");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        Command command = new("show", "Show a run, its steps and what they made.") { Id };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            RunSnapshot snapshot = await session.Client.GetAsync<RunSnapshot>(RunPath(Routes.Run, arguments.GetValue(Id)), cancellationToken);
            RunView.Print(snapshot);
            return 0;
        });
        return command;
    }

    private static Command Watch()
    {
        Command command = new("watch", "Watch a run, and with an embedded factory work on it, until it ends.") { Id };
        command.Does(work: true, (arguments, session, cancellationToken) => RunWatch.FollowAsync(session, arguments.GetValue(Id), cancellationToken));
        return command;
    }

    private static Command Steer(string name, string description, string route)
    {
        Command command = new(name, description) { Id };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            int id = arguments.GetValue(Id);
            await session.Client.PostAsync(RunPath(route, id), null, cancellationToken);
            RunSnapshot snapshot = await session.Client.GetAsync<RunSnapshot>(RunPath(Routes.Run, id), cancellationToken);
            Console.WriteLine($"run {id} is {snapshot.Run.State}");
            return 0;
        });
        return command;
    }

    private static Command Report()
    {
        Argument<string> folder = new("DIR") { Description = "Folder to write to." };
        Command command = new("report", "Write a completed run's report (HTML and Markdown) and contact sheets to a folder.") { Id, folder };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            RunSnapshot snapshot = await session.Client.GetAsync<RunSnapshot>(RunPath(Routes.Run, arguments.GetValue(Id)), cancellationToken);
            foreach (string path in await RunFiles.WriteReportAsync(session.Client, snapshot, arguments.GetValue(folder)!, cancellationToken)) Console.WriteLine(path);
            return 0;
        });
        return command;
    }

    public static string RunPath(string route, int id) => route.Replace("{id:int}", id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
