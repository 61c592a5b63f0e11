using System.CommandLine;
using Factory.Cli.Hosting;

namespace Factory.Cli.Commands;

/// <summary>Options that many commands share, and the edge at which errors become one line and an exit code.</summary>
internal static class Shared
{
    /// <summary>Exit code of a command that was interrupted, as shells expect it.</summary>
    public const int Interrupted = 130;

    public static readonly Option<string> Data = new("--data")
    {
        Description = "Data folder of the embedded factory. Default: FACTORY_DATA, else ./factory-data.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FACTORY_DATA") is { Length: > 0 } folder ? folder : "factory-data",
        Recursive = true,
    };

    public static readonly Option<string> Device = new("--device")
    {
        Description = "Device of the embedded factory: auto, cpu or cuda:N. Default: FACTORY_DEVICE, else auto.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FACTORY_DEVICE") is { Length: > 0 } device ? device : "auto",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Write the embedded factory's log to standard error.",
        Recursive = true,
    };

    /// <summary>For commands about what belongs to projects.</summary>
    public static readonly Option<string?> Project = new("--project")
    {
        Description = "The project that is meant. Default: all that you see; to bring something in, the only one, else default.",
        Recursive = true,
    };

    public static Place PlaceOf(ParseResult arguments) => FactoryOf(arguments) with { Project = arguments.GetValue(Project) };

    private static Place FactoryOf(ParseResult arguments)
    {
        string? url = Environment.GetEnvironmentVariable("FACTORY_URL");
        if (string.IsNullOrEmpty(url)) return new(null, arguments.GetValue(Data)!, arguments.GetValue(Device)!, arguments.GetValue(Verbose));
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
            ? new(parsed!, arguments.GetValue(Data)!, arguments.GetValue(Device)!, arguments.GetValue(Verbose))
            : throw new CliException($"FACTORY_URL is '{url}', which is no address; it looks like http://127.0.0.1:5080.");
    }

    /// <summary>Runs a command's body; a user's mistake becomes one line on standard error and exit code 1.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> body) => command.SetAction(async (arguments, cancellationToken) =>
    {
        try
        {
            return await body(arguments, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted; nothing half-written is visible, and the same command goes on where it was.");
            return Interrupted;
        }
        catch (Exception mistake) when (UserError.Explain(mistake) is { } lines)
        {
            await Console.Error.WriteLineAsync("error: " + lines);
            return 1;
        }
    });

    /// <summary>Runs a command's body in a session.</summary>
    public static void Does(this Command command, bool work, Func<ParseResult, Session, CancellationToken, Task<int>> body) => command.Does(async (arguments, cancellationToken) =>
    {
        await using Session session = await Session.OpenAsync(PlaceOf(arguments), work, cancellationToken);
        return await body(arguments, session, cancellationToken);
    });
}
