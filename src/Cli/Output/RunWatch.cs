using Factory.Cli.Hosting;
using Factory.Contracts;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Output;

/// <summary>Follows a run: a live table on a terminal, lines elsewhere.</summary>
internal static class RunWatch
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Follows the run to its end.</summary>
    /// <returns>0 when it completed, 1 when it faulted or was canceled, 130 when the watch was interrupted.</returns>
    public static async Task<int> FollowAsync(Session session, int runId, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<RunSnapshot> snapshots = session.Client.StreamAsync<RunSnapshot>(
            Commands.RunCommands.RunPath(Routes.RunSnapshots, runId), cancellationToken);
        RunSnapshot? last;
        try
        {
            last = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? await DrawAsync(snapshots) : await LogAsync(snapshots);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine(session.IsEmbedded
                ? $"interrupted; run {runId} is as it was at its last commit. Go on with: factory run watch {runId}"
                : $"no longer watching; run {runId} goes on. Watch again with: factory run watch {runId}");
            return Commands.Shared.Interrupted;
        }
        if (last is null) return 1;
        foreach (string line in RunView.Troubles(last)) Console.Error.WriteLine(line);
        if (last.Run.State == RunState.Completed) Console.WriteLine($"run {runId} completed in {RunView.Duration((last.Run.FinishedAt!.Value - last.Run.CreatedAt).TotalSeconds)}");
        else Console.Error.WriteLine($"go on with: factory run retry {runId}, then factory run watch {runId}");
        return last.Run.State == RunState.Completed ? 0 : 1;
    }

    private static Task<RunSnapshot?> DrawAsync(IAsyncEnumerable<RunSnapshot> snapshots) => AnsiConsole.Live(new Text("")).StartAsync<RunSnapshot?>(async live =>
    {
        RunSnapshot? last = null;
        await foreach (RunSnapshot snapshot in snapshots)
        {
            last = snapshot;
            live.UpdateTarget(RunView.Steps(snapshot));
        }
        return last;
    });

    private static async Task<RunSnapshot?> LogAsync(IAsyncEnumerable<RunSnapshot> snapshots)
    {
        RunSnapshot? last = null;
        Dictionary<string, StepState> states = [];
        long written = 0;
        await foreach (RunSnapshot snapshot in snapshots)
        {
            last = snapshot;
            bool due = TimeProvider.System.GetElapsedTime(written) >= LineInterval;
            foreach (StepSnapshot step in snapshot.Steps)
            {
                bool changed = states.GetValueOrDefault(step.Name, StepState.Waiting) != step.State;
                states[step.Name] = step.State;
                if (!changed && !(due && step.State == StepState.Running)) continue;
                Console.WriteLine(RunView.Line(step));
                written = TimeProvider.System.GetTimestamp();
            }
        }
        return last;
    }
}
