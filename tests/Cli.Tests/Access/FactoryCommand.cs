using System.Diagnostics;

namespace Factory.Cli.Tests.Access;

/// <summary>The built <c>factory</c> executable, talking to a coordinator as a person's shell would have it.</summary>
internal static class FactoryCommand
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="coordinator">What FACTORY_URL says.</param>
    /// <param name="key">What FACTORY_API_KEY says; null: nothing.</param>
    /// <param name="arguments">The command.</param>
    public static async Task<CommandOutcome> RunAsync(Uri coordinator, string? key, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "factory"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FACTORY_URL"] = coordinator.ToString();
        start.Environment["FACTORY_API_KEY"] = key;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, (await output).TrimEnd(), (await errors).TrimEnd());
    }
}

/// <summary>How a command ended.</summary>
internal sealed record CommandOutcome(int Code, string Output, string Errors);
