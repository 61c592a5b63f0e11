using System.Diagnostics.Metrics;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Hosting.Telemetry;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Telemetry;

/// <summary>
/// Gauges of what the database knows: read at an even pace, however often they are looked at, by questions that stay cheap in a large database. While the database does not answer
/// there are no values, rather than old ones.
/// </summary>
internal sealed partial class DatabaseGauges : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(15);
    // A worker says that it is there every ten seconds.
    private static readonly TimeSpan Presence = TimeSpan.FromMinutes(1);
    private const int MostWorkers = 10_000, MostInvitations = 10_000, MostRuns = 10_000;
    private static readonly ItemState[] Counted = [ItemState.Pending, ItemState.Invited, ItemState.Running, ItemState.Poisoned];

    private readonly IDbContextFactory<FactoryDbContext> _databases;
    private readonly IDatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<DatabaseGauges> _logger;
    private volatile Values _latest = Values.None;
    private bool _told;

    /// <summary>Makes the gauges.</summary>
    public DatabaseGauges(CoordinatorMeter meter, IDbContextFactory<FactoryDbContext> databases, IDatabaseClock clock, TimeProvider time, ILogger<DatabaseGauges> logger)
    {
        (_databases, _clock, _time, _logger) = (databases, clock, time, logger);
        FactoryMetrics.Items.Observe(meter.Meter, () => _latest.Items);
        FactoryMetrics.Runs.Observe(meter.Meter, () => _latest.Runs);
        FactoryMetrics.QueueLength.Observe(meter.Meter, () => _latest.QueueLengths);
        FactoryMetrics.QueueAge.Observe(meter.Meter, () => _latest.QueueAges);
        FactoryMetrics.Workers.Observe(meter.Meter, () => _latest.Workers);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await ReadAsync(stoppingToken);
            await Task.Delay(Pace, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads them once.</summary>
    internal async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using FactoryDbContext database = await _databases.CreateDbContextAsync(cancellationToken);
            DateTime now = await _clock.NowAsync(database, cancellationToken);
            (List<Measurement<double>> lengths, List<Measurement<double>> ages) = await QueuesAsync(database, now, cancellationToken);
            _latest = new(await ItemsAsync(database, cancellationToken), await RunsAsync(database, cancellationToken), lengths, ages, await WorkersAsync(database, now, cancellationToken));
        }
        // Whatever the database has: there is nothing to show, and work goes on.
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // Once until they are there again.
            if (_latest != Values.None || !_told) LogUnread(fault.Message);
            (_latest, _told) = (Values.None, true);
        }
    }

    private static async Task<List<Measurement<double>>> ItemsAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        List<Measurement<double>> counts = [];
        foreach (ItemState state in Counted)
        {
            // In the order of the index, so that nothing is sorted.
            int count = await database.WorkItems.Where(item => item.State == state).OrderBy(item => item.LeaseUntil).Take(FactoryMetrics.CountedItems).CountAsync(cancellationToken);
            counts.Add(new(count, new KeyValuePair<string, object?>("state", state.ToString())));
        }
        return counts;
    }

    private static async Task<List<Measurement<double>>> RunsAsync(FactoryDbContext database, CancellationToken cancellationToken)
    {
        RunState[] open = [RunState.Submitted, RunState.Planning, RunState.Running, RunState.Sealing];
        List<RunState> states = await database.Runs.Where(run => open.Contains(run.State)).OrderBy(run => run.Id).Take(MostRuns).Select(run => run.State).ToListAsync(cancellationToken);
        return [.. open.Select(state => new Measurement<double>(states.Count(each => each == state), new KeyValuePair<string, object?>("state", state.ToString())))];
    }

    // As many as the dispatcher leaves out at a time, and no more.
    private static async Task<(List<Measurement<double>> Lengths, List<Measurement<double>> Ages)> QueuesAsync(FactoryDbContext database, DateTime now, CancellationToken cancellationToken)
    {
        var invited = await database.WorkItems.Where(item => item.State == ItemState.Invited).OrderBy(item => item.LeaseUntil).Take(MostInvitations)
            .Join(database.Runs, item => item.RunId, run => run.Id, (item, run) => new { item.Kind, item.InvitedAt, run.Numerics, run.Priority }).ToListAsync(cancellationToken);
        var queues = invited.GroupBy(item => WorkQueues.NameOf(WorkQueues.Commands.Single(command => command.Name == item.Kind), item.Numerics.Device, item.Priority))
            .Select(queue => (Name: new KeyValuePair<string, object?>("queue", queue.Key), Length: queue.Count(), Age: queue.Max(item => now - (item.InvitedAt ?? now)))).ToList();
        return (queues.ConvertAll(queue => new Measurement<double>(queue.Length, queue.Name)), queues.ConvertAll(queue => new Measurement<double>(queue.Age.TotalSeconds, queue.Name)));
    }

    private static async Task<List<Measurement<double>>> WorkersAsync(FactoryDbContext database, DateTime now, CancellationToken cancellationToken)
    {
        DateTime since = now - Presence;
        List<WorkerSeen> seen = await database.Workers.Where(worker => worker.SeenAt >= since).OrderBy(worker => worker.SeenAt).Take(MostWorkers).Select(worker => worker.Report).ToListAsync(cancellationToken);
        return
        [
            .. seen.Where(worker => !worker.Stopped).GroupBy(worker => (worker.Device, Busy: worker.Attempt is not null))
                .Select(group => new Measurement<double>(group.Count(), new("device", group.Key.Device), new("state", group.Key.Busy ? "busy" : "idle"))),
        ];
    }

    private sealed record Values(
        List<Measurement<double>> Items, List<Measurement<double>> Runs, List<Measurement<double>> QueueLengths, List<Measurement<double>> QueueAges, List<Measurement<double>> Workers)
    {
        public static Values None { get; } = new([], [], [], [], []);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gauges of the database could not be read: {Reason}")]
    private partial void LogUnread(string reason);
}
