using System.Diagnostics.Metrics;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Hosting.Telemetry;

namespace Factory.Coordinator.Telemetry;

/// <summary>What a coordinator counts and times, see <see cref="FactoryMetrics.OfCoordinator"/>. Counted after the transaction, so that what is counted has happened.</summary>
internal sealed class CoordinatorMeter : IDisposable
{
    private readonly Meter _meter = new(FactoryMetrics.Coordinator);
    private readonly Counter<long> _begun, _ended, _poisoned, _samples, _rejected, _runs, _lineage;
    private readonly Histogram<double> _claim, _commit;

    /// <summary>Makes the instruments.</summary>
    public CoordinatorMeter()
    {
        (_begun, _ended, _poisoned) = (FactoryMetrics.AttemptsBegun.Count(_meter), FactoryMetrics.AttemptsEnded.Count(_meter), FactoryMetrics.ItemsPoisoned.Count(_meter));
        (_samples, _rejected) = (FactoryMetrics.Samples.Count(_meter), FactoryMetrics.SamplesRejected.Count(_meter));
        (_runs, _lineage) = (FactoryMetrics.RunsEnded.Count(_meter), FactoryMetrics.LineageEvents.Count(_meter));
        (_claim, _commit) = (FactoryMetrics.ClaimDuration.Distribution(_meter), FactoryMetrics.CommitDuration.Distribution(_meter));
    }

    /// <summary>The meter, for gauges.</summary>
    public Meter Meter => _meter;

    /// <summary>A claim was answered.</summary>
    public void Answered(bool granted, TimeSpan took) => _claim.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", granted ? "granted" : "refused"));

    /// <summary>An attempt was granted.</summary>
    public void Begun(string kind, int attempt) => _begun.Add(1, new("kind", kind), new("retry", attempt > 1));

    /// <summary>An attempt ended without a result.</summary>
    public void Ended(string kind, string outcome, bool poisoned)
    {
        _ended.Add(1, new("kind", kind), new("outcome", outcome));
        if (poisoned) _poisoned.Add(1, new KeyValuePair<string, object?>("kind", kind));
    }

    /// <summary>A result was committed.</summary>
    public void Committed<T>(string kind, T result, TimeSpan took)
    {
        _ended.Add(1, new("kind", kind), new("outcome", "committed"));
        _commit.Record(took.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        if (result is not ShardGenerated shard) return;
        _samples.Add(shard.Counts.Sum());
        foreach ((string reason, int count) in shard.Rejected) _rejected.Add(count, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>A run came to an end.</summary>
    public void Ended(RunState state) => _runs.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));

    /// <summary>An event of lineage was sent, or not taken.</summary>
    public void Told(bool sent) => _lineage.Add(1, new KeyValuePair<string, object?>("outcome", sent ? "sent" : "refused"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
