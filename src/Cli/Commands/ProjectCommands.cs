using System.CommandLine;
using System.Globalization;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory project ...</c>: parts of the factory with data, callers and quotas of their own.</summary>
internal static class ProjectCommands
{
    private const string None = "none";
    private static readonly Argument<string> Name = new("NAME") { Description = "The project's name: lower-case letters, digits and dashes." };
    private static readonly Option<string?> Images = new("--images") { Description = "Most images, imported ones and samples together, or none: any number." };
    private static readonly Option<string?> Bytes = new("--bytes") { Description = "Most bytes stored, such as 500GB, or none: any number." };

    public static Command Create() => new("project", "Projects: parts of the factory with collections, runs, callers and quotas of their own.") { CreateProject(), List(), Show(), Set() };

    /// <summary>Reads an amount.</summary>
    /// <param name="text">A number, which may end in kB, MB, GB or TB (powers of 1,000), or <c>none</c>; null: as it was.</param>
    /// <param name="before">What it was.</param>
    /// <exception cref="CliException">The text is none of these.</exception>
    internal static long? ParseAmount(string? text, long? before)
    {
        if (text is null) return before;
        if (text == None) return null;
        (string Unit, long Factor)[] units = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("", 1)];
        (string unit, long factor) = units.First(candidate => text.EndsWith(candidate.Unit, StringComparison.OrdinalIgnoreCase));
        return decimal.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) && number * factor <= long.MaxValue && decimal.IsInteger(number * factor)
            ? (long)(number * factor)
            : throw new CliException($"'{text}' is no amount; write 20000, 1.5TB or {None}.");
    }

    private static Command CreateProject()
    {
        Command command = new("create", "Make a project; needs the role admin.") { Name, Images, Bytes };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            NewProject wanted = new() { Name = arguments.GetValue(Name)!, Quotas = QuotasOf(arguments, new()) };
            Print(await session.Client.PostAsync<ProjectDetail>(Routes.Projects, wanted, cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        Command command = new("list", "List the projects you see, what they have and what they may have.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            Table table = Tables.Create("project", "images", "of", "reserved", "bytes", "of");
            foreach (ProjectDetail project in await session.Client.GetAsync<List<ProjectDetail>>(Routes.Projects, cancellationToken))
            {
                table.AddTextRow(project.Name, Number(project.Images), Quota(project.Quotas.Images), Number(project.ReservedImages), Number(project.Bytes), Quota(project.Quotas.Bytes));
            }
            Tables.Print(table, "you see no projects; ask an admin");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        Command command = new("show", "Show a project, what it has and what it may have.") { Name };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            Print(await FindAsync(session.Client, arguments, cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command Set()
    {
        Command command = new("set", "Set how much a project may have; needs the role admin. What it has stays.") { Name, Images, Bytes };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            ProjectDetail before = await FindAsync(session.Client, arguments, cancellationToken);
            Print(await session.Client.PostAsync<ProjectDetail>(Path(Routes.ProjectQuotas, arguments), QuotasOf(arguments, before.Quotas), cancellationToken));
            return 0;
        });
        return command;
    }

    private static ProjectQuotas QuotasOf(ParseResult arguments, ProjectQuotas before) =>
        new() { Images = ParseAmount(arguments.GetValue(Images), before.Images), Bytes = ParseAmount(arguments.GetValue(Bytes), before.Bytes) };

    private static Task<ProjectDetail> FindAsync(FactoryClient client, ParseResult arguments, CancellationToken cancellationToken) =>
        client.GetAsync<ProjectDetail>(Path(Routes.Project, arguments), cancellationToken);

    private static string Path(string route, ParseResult arguments) => route.Replace("{name}", Uri.EscapeDataString(arguments.GetValue(Name)!), StringComparison.Ordinal);

    private static void Print(ProjectDetail project)
    {
        Console.WriteLine($"{project.Name}: made {project.CreatedAt.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}");
        Console.WriteLine($"images: {Number(project.Images)}, {Number(project.ReservedImages)} more reserved by runs; quota {Quota(project.Quotas.Images)}");
        Console.WriteLine($"bytes: {Number(project.Bytes)}; quota {Quota(project.Quotas.Bytes)}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Quota(long? quota) => quota is { } most ? Number(most) : None;
}
