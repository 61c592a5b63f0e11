using System.CommandLine;
using System.Globalization;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory key ...</c>: the coordinator's API keys. The first is made with the key of its settings.</summary>
internal static class KeyCommands
{
    public static Command Create() => new("key", "API keys of the coordinator that FACTORY_URL names; needs the role admin.") { CreateKey(), List(), Revoke() };

    /// <summary>When a key ends.</summary>
    /// <param name="text">Days, such as <c>90d</c>, a date, or a time in UTC.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="CliException">The text is none of these.</exception>
    internal static DateTime ParseExpiry(string text, DateTimeOffset now)
    {
        if (text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is > 0 and <= 36500) return now.UtcDateTime.AddDays(days);
        return DateTime.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime at)
            ? at
            : throw new CliException($"--expires: '{text}' is no time; write 90d, 2027-01-31 or 2027-01-31T12:00Z (UTC).");
    }

    private static Command CreateKey()
    {
        Argument<string> name = new("NAME") { Description = "What the audit log calls its holder." };
        Option<ApiRole> role = new("--role") { Description = "viewer, operator, steward, admin or worker; see docs/access.md.", Required = true };
        Option<string[]> projects = new("--project") { Description = "A project that its holder sees; may be given several times. Default: all projects.", AllowMultipleArgumentsPerToken = true };
        Option<string?> expires = new("--expires") { Description = "When it ends: 90d, 2027-01-31 or 2027-01-31T12:00Z. Default: when it is revoked." };
        Command command = new("create", "Make a key and print it; it is shown this once.") { name, role, projects, expires };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            NewApiKey wanted = new()
            {
                Name = arguments.GetValue(name)!,
                Role = arguments.GetValue(role),
                Projects = arguments.GetValue(projects) is { Length: > 0 } seen ? seen : null,
                ExpiresAt = arguments.GetValue(expires) is { } text ? ParseExpiry(text, TimeProvider.System.GetUtcNow()) : null,
            };
            ApiKeyCreated created = await session.Client.PostAsync<ApiKeyCreated>(Routes.Keys, wanted, cancellationToken);
            // Apart, so that a script takes the key alone.
            await Console.Error.WriteLineAsync($"key {created.Detail.Id}, {created.Detail.Name}, {Word(created.Detail.Role)}{(created.Detail.Projects is null ? "" : $" in {Projects(created.Detail)}")}, {End(created.Detail)}; keep what follows, it is not shown again:");
            Console.WriteLine(created.Key);
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        Command command = new("list", "List the keys, without their secrets.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            Table table = Tables.Create("id", "name", "role", "projects", "made", "by", "end", "last used");
            foreach (ApiKeyDetail key in await session.Client.GetAsync<List<ApiKeyDetail>>(Routes.Keys, cancellationToken))
            {
                table.AddTextRow(
                    key.Id, key.Name, Word(key.Role), Projects(key), Time(key.CreatedAt), key.CreatedBy, End(key), key.LastUsedAt is { } used ? Time(used) : "never");
            }
            Tables.Print(table, "no keys yet: factory key create NAME --role ROLE");
            return 0;
        });
        return command;
    }

    private static Command Revoke()
    {
        Argument<string> id = new("ID") { Description = "The key's id, as key list shows it." };
        Command command = new("revoke", "Revoke a key, from the next request on.") { id };
        command.Does(work: false, async (arguments, session, cancellationToken) =>
        {
            string path = Routes.KeyRevoke.Replace("{id}", Uri.EscapeDataString(arguments.GetValue(id)!), StringComparison.Ordinal);
            ApiKeyDetail key = await session.Client.PostAsync<ApiKeyDetail>(path, new { }, cancellationToken);
            Console.WriteLine($"key {key.Id}, {key.Name}: {End(key)}");
            return 0;
        });
        return command;
    }

    private static string End(ApiKeyDetail key) => key switch
    {
        { RevokedAt: { } revoked } => $"revoked {Time(revoked)}",
        { ExpiresAt: { } expires } => $"expires {Time(expires)}",
        _ => "no end",
    };

    private static string Projects(ApiKeyDetail key) => key.Projects is { } projects ? string.Join(", ", projects) : "all projects";

    private static string Word(ApiRole role) => role.ToString().ToLowerInvariant();

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
