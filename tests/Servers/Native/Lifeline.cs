using System.Diagnostics;
using System.Globalization;

namespace Factory.Tests.Servers.Native;

/// <summary>A process kept by a pipe from this one: when the pipe closes, be it that this process was killed, it is taken down with its data.</summary>
internal sealed class Lifeline : IAsyncDisposable
{
    private readonly Process _process;

    private Lifeline(Process process) => _process = process;

    /// <summary>The kept process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Whether the kept process has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a command that keeps its data in a folder, and logs there.</summary>
    public static async Task<Lifeline> OfCommandAsync(ServerFolder folder, string log, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = Start(["/bin/sh", folder.Script("lifeline.sh"), log, folder.Path, .. command]);
        start.WorkingDirectory = folder.Path;
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Lifeline lifeline = new(Process.Start(start)!);
        string? id = await lifeline._process.StandardOutput.ReadLineAsync();
        lifeline.ProcessId = int.Parse(id ?? throw new InvalidOperationException($"{command[0]} did not start."), CultureInfo.InvariantCulture);
        return lifeline;
    }

    /// <summary>Removes a container at its end.</summary>
    public static Task<Lifeline> OfContainerAsync(string container) =>
        Task.FromResult(new Lifeline(Process.Start(Start(["/bin/sh", "-c", "read -r _; exec docker rm --force --volumes \"$0\" >/dev/null 2>&1", container]))!));

    /// <summary>Waits until the kept process has ended.</summary>
    public Task EndAsync() => _process.WaitForExitAsync();

    /// <summary>Takes the kept process down.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.StandardInput.DisposeAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>In a session of its own, or Ctrl+C in a terminal would end the keeper before what it keeps.</summary>
    private static ProcessStartInfo Start(string[] command) => new("setsid", ["--wait", .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true };
}
