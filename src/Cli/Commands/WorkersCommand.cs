using System.CommandLine;
using System.Globalization;
using Factory.Cli.Output;
using Factory.Contracts.Api;
using Spectre.Console;

namespace Factory.Cli.Commands;

/// <summary><c>factory workers</c></summary>
internal static class WorkersCommand
{
    private const int RevisionDigits = 8;

    public static Command Create()
    {
        Command command = new("workers", "List the workers heard of within a day: what they are and what they do.");
        command.Does(work: false, async (_, session, cancellationToken) =>
        {
            List<WorkerStatus> workers = await session.Client.GetAsync<List<WorkerStatus>>(Routes.Workers, cancellationToken);
            Table table = Tables.Create("worker", "build", "device", "memory", "checkpoints", "doing", "seen", "skew");
            foreach (WorkerStatus worker in workers) table.AddTextRow(Cells(worker));
            Tables.Print(table, session.IsEmbedded ? "no workers: an embedded factory has one while it works on runs" : "no workers: start one against the same broker");
            return 0;
        });
        return command;
    }

    internal static string[] Cells(WorkerStatus worker) =>
    [
        worker.Name,
        ShortBuild(worker.Build),
        worker.Threads is { } threads ? $"{worker.Device}, {worker.DeviceName}, {threads} threads" : $"{worker.Device}, {worker.DeviceName}",
        worker.DeviceBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB") : "",
        string.Join(' ', worker.Checkpoints.Select(digest => digest.Short)),
        Doing(worker),
        RunView.Duration(worker.SecondsAgo) + " ago",
        string.Create(CultureInfo.InvariantCulture, $"{worker.SkewSeconds:+0.0;-0.0}s"),
    ];

    // A revision's first digits tell builds apart.
    private static string ShortBuild(string build) => build.Split('+', 2) is [var version, { Length: > RevisionDigits } revision] ? $"{version}+{revision[..RevisionDigits]}" : build;

    private static string Doing(WorkerStatus worker) => worker switch
    {
        { Stopped: true } => "stopped",
        { Doing: { } task } => $"run {task.RunId} {task.Step}/{task.Ordinal}, item {task.ItemId}, attempt {task.Attempt}",
        _ => "idle",
    };
}
