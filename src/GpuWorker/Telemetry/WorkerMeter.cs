using System.Diagnostics.Metrics;
using Factory.GpuWorker.Devices;
using Factory.Hosting.Telemetry;

namespace Factory.GpuWorker.Telemetry;

/// <summary>What a worker counts and times, see <see cref="FactoryMetrics.OfWorker"/>.</summary>
public sealed class WorkerMeter : IDisposable
{
    private readonly Meter _meter = new(FactoryMetrics.Worker);
    private readonly Histogram<double> _attempts;
    private readonly Counter<double> _phases;
    private readonly Counter<long> _uploads;

    /// <summary>Makes the instruments.</summary>
    /// <param name="device">The worker's device; absent where there is none to look at.</param>
    public WorkerMeter(TorchDevice? device = null)
    {
        (_attempts, _phases, _uploads) = (FactoryMetrics.AttemptDuration.Distribution(_meter), FactoryMetrics.PhaseTime.Sum(_meter), FactoryMetrics.UploadBytes.Count(_meter));
        if (device is null) return;
        KeyValuePair<string, object?> name = new("device", device.Name);
        FactoryMetrics.DeviceMemory.Observe(_meter, () => DeviceMemory.Of(device) is { } memory ? [new(memory.Used, name)] : []);
        FactoryMetrics.DeviceMemoryLimit.Observe(_meter, () => DeviceMemory.Of(device) is { } memory ? [new(memory.Limit, name)] : []);
    }

    /// <summary>An attempt is over.</summary>
    internal void Ended(string kind, string outcome, TimeSpan took, IEnumerable<Phase> phases)
    {
        _attempts.Record(took.TotalSeconds, new("kind", kind), new("outcome", outcome));
        foreach (Phase phase in phases) _phases.Add(phase.Busy.TotalSeconds, new("kind", kind), new("phase", phase.Name));
    }

    /// <summary>An artifact was written.</summary>
    internal void Uploaded(string kind, long bytes) => _uploads.Add(bytes, new KeyValuePair<string, object?>("kind", kind));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
