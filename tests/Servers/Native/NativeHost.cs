using System.Runtime.InteropServices;

namespace Factory.Tests.Servers.Native;

/// <summary>A server as a process of this machine. It dies with the test process, however that ends.</summary>
internal sealed partial class NativeHost(string description, ServerFolder folder, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, int stopSignal) : IServerHost
{
    /// <summary>Stops PostgreSQL without waiting for its clients.</summary>
    public const int Interrupt = 2;

    /// <summary>Stops everything else.</summary>
    public const int Terminate = 15;

    private const int Freeze = 19;
    private const int Continue = 18;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private readonly string _log = folder.At("log");
    private Lifeline? _lifeline;

    public string Description => description;

    public async Task StartAsync()
    {
        if (_lifeline is { HasEnded: false }) return;
        _lifeline = await Lifeline.OfCommandAsync(folder, _log, command, environment);
    }

    public async Task StopAsync()
    {
        if (_lifeline is null or { HasEnded: true }) return;
        _ = SendSignal(_lifeline.ProcessId, stopSignal);
        try
        {
            await _lifeline.EndAsync().WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{description} did not stop in {StopLimit.TotalSeconds} s: {LogEnd()}");
        }
    }

    public Task PauseAsync() => SignalTree(Freeze);

    public Task ResumeAsync() => SignalTree(Continue);

    public Task ThrowIfEndedAsync() => _lifeline is { HasEnded: false }
        ? Task.CompletedTask
        : throw new InvalidOperationException($"{description} ended by itself: {LogEnd()}");

    public async ValueTask DisposeAsync()
    {
        if (_lifeline is not null) await _lifeline.DisposeAsync();
        folder.Delete();
    }

    private string LogEnd() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(20)) : "no log";

    private Task SignalTree(int signal)
    {
        if (_lifeline is null or { HasEnded: true }) throw new InvalidOperationException($"{description} does not run.");
        foreach (int id in ProcessTree.Of(_lifeline.ProcessId)) _ = SendSignal(id, signal);
        return Task.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
