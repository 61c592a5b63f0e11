using System.ComponentModel;
using System.Diagnostics;

namespace Factory.Deployment.Tests;

/// <summary>Runs a program of this machine to its end.</summary>
internal static class Tool
{
    /// <summary>Whether a program is there and answers.</summary>
    public static async Task<bool> AnswersAsync(string program, params string[] arguments)
    {
        try
        {
            return (await RunAsync(program, arguments)).Code == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Runs it and expects it to succeed.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> SucceedAsync(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        (int code, string output, string errors) = await RunAsync(program, arguments, environment);
        code.ShouldBe(0, $"{program} {string.Join(' ', arguments)}:\n{output}\n{errors}");
        return output;
    }
}
