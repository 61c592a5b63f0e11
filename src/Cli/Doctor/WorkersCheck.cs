using System.Globalization;
using Factory.Contracts.Api;
using Factory.Coordinator.Doctor;

namespace Factory.Cli.Doctor;

/// <summary>Whether workers are there, of the coordinator's build, with clocks that agree.</summary>
/// <param name="url">The coordinator.</param>
/// <param name="key">The API key, as configured; null: none is shown.</param>
internal sealed class WorkersCheck(Uri url, string? key = null) : IDoctorCheck
{
    /// <summary>A worker silent for longer is not there. Six times the pace at which workers speak.</summary>
    private const double SilentSeconds = 60;

    /// <summary>Clocks that differ by more make times in logs and records hard to compare.</summary>
    private const double SkewSeconds = 5;

    /// <inheritdoc/>
    public string Name => "workers";

    /// <inheritdoc/>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using FactoryClient client = new(url, key);
            CoordinatorVersion coordinator = await client.GetAsync<CoordinatorVersion>(Routes.Version, cancellationToken);
            return Judge(await client.GetAsync<List<WorkerStatus>>(Routes.Workers, cancellationToken), coordinator.Build);
        }
        catch (CliException refusal)
        {
            return CheckResult.Fault(refusal.Message, "see what is said of the coordinator");
        }
    }

    /// <summary>Judges the workers.</summary>
    internal static CheckResult Judge(IReadOnlyList<WorkerStatus> workers, string coordinator)
    {
        List<WorkerStatus> live = [.. workers.Where(worker => !worker.Stopped && worker.SecondsAgo <= SilentSeconds)];
        if (live.Count == 0)
        {
            return CheckResult.Fault(
                workers.Count == 0 ? "no worker was heard of within a day" : $"no worker was heard of within a minute; {workers.Count} within a day",
                "start a worker against the coordinator's broker, and see its log");
        }
        if (live.Find(worker => worker.Build != coordinator) is { } other)
        {
            return CheckResult.Fault($"worker {other.Name} is build {other.Build}, the coordinator {coordinator}", "update the older one: builds may differ in bits");
        }
        if (live.Find(worker => Math.Abs(worker.SkewSeconds) > SkewSeconds) is { } skewed)
        {
            return CheckResult.Fault(
                string.Create(CultureInfo.InvariantCulture, $"the clock of worker {skewed.Name} is {Math.Abs(skewed.SkewSeconds):0.0} s {(skewed.SkewSeconds > 0 ? "behind" : "ahead of")} the coordinator's"),
                "let both machines take their time from one source (NTP)");
        }
        string kinds = string.Join(", ", live.GroupBy(worker => worker.Device).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}"));
        return CheckResult.Ok(string.Create(CultureInfo.InvariantCulture, $"{kinds}; all of the coordinator's build, clocks within {live.Max(worker => Math.Abs(worker.SkewSeconds)):0.0} s"));
    }
}
