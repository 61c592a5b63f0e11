using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Factory.EndToEnd;

/// <summary>The built <c>factory</c> executable at work, as a shell would start it.</summary>
internal sealed partial class FactoryProcess : IDisposable
{
    private const int Interrupt = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentBag<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private FactoryProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a command on a data folder.</summary>
    public static FactoryProcess Start(string data, params string[] arguments) => StartCommand(null, [.. arguments, "--data", data]);

    /// <summary>Starts a command that is sent to a coordinator.</summary>
    public static FactoryProcess StartAt(Uri url, params string[] arguments) => StartCommand(url, arguments);

    private static FactoryProcess StartCommand(Uri? url, string[] arguments)
    {
        // A shell that runs the tests in the background has them ignore SIGINT, and what they start would inherit that.
        ProcessStartInfo start = new("env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "factory"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("FACTORY_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        if (url is not null) start.Environment["FACTORY_URL"] = url.ToString();
        FactoryProcess factory = new(new() { StartInfo = start });
        factory._process.OutputDataReceived += (_, line) => factory.Take(line.Data, factory._output);
        factory._process.ErrorDataReceived += (_, line) => factory.Take(line.Data, factory._errors);
        factory._process.Start();
        factory._process.BeginOutputReadLine();
        factory._process.BeginErrorReadLine();
        return factory;
    }

    /// <summary>Runs a command to its end, whatever that is.</summary>
    public static async Task<Outcome> RunAsync(string data, params string[] arguments)
    {
        using FactoryProcess factory = Start(data, arguments);
        return await factory.EndAsync();
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static async Task<Outcome> SucceedAsync(string data, params string[] arguments)
    {
        Outcome outcome = await RunAsync(data, arguments);
        return outcome.ShouldBeSuccessOf(arguments);
    }

    /// <summary>Waits until a line of output holds a text, or the process ends.</summary>
    /// <returns>The line; empty when there was none.</returns>
    public async Task<string> SeeAsync(string text)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited.Add((text, seen));
        string? Line() => _output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
        if (Line() is { } said) return said;
        await Task.WhenAny(seen.Task, _process.WaitForExitAsync()).WaitAsync(Limit);
        return Line() ?? "";
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void KillHard() => _process.Kill();

    /// <summary>Does what Ctrl+C does.</summary>
    public void InterruptOnce() => SendSignal(_process.Id, Interrupt).ShouldBe(0);

    public async Task<Outcome> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return new(_process.ExitCode, [.. _output], [.. _errors]);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Take(string? line, ConcurrentQueue<string> lines)
    {
        if (line is null) return;
        lines.Enqueue(line);
        foreach ((string text, TaskCompletionSource seen) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal))) seen.TrySetResult();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Lines of standard output.</param>
/// <param name="Errors">Lines of standard error.</param>
internal sealed record Outcome(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    public Outcome ShouldBeSuccessOf(string[] arguments)
    {
        Code.ShouldBe(0, $"factory {string.Join(' ', arguments)}: {this}");
        return this;
    }

    public override string ToString() => $"exit code {Code}\n{string.Join('\n', Output)}\n{string.Join('\n', Errors)}";
}
