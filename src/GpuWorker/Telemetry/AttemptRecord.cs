using System.Diagnostics;
using Factory.Contracts.Work;
using Factory.Hosting.Telemetry;

namespace Factory.GpuWorker.Telemetry;

/// <summary>What is remembered of one attempt: its span with a child for each phase, and its figures. Written down when disposed.</summary>
internal sealed class AttemptRecord : IDisposable
{
    private readonly string _kind;
    private readonly WorkerMeter _meter;
    private readonly Activity? _span;
    private readonly long _began = Stopwatch.GetTimestamp();
    private string _outcome = "ended";

    /// <summary>Begins.</summary>
    /// <param name="command">What is attempted.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="meter">Where figures go.</param>
    /// <param name="time">Says when phases begin.</param>
    public AttemptRecord(IWorkCommand command, AttemptRef attempt, WorkerMeter meter, TimeProvider time)
    {
        (_kind, _meter, Phases) = (command.GetType().Name, meter, new(time));
        _span = FactoryTrace.Begin(
            "attempt", new(FactoryTrace.Run, command.Order.RunId), new(FactoryTrace.Step, command.Order.Step), new(FactoryTrace.Item, attempt.ItemId),
            new(FactoryTrace.Kind, _kind), new(FactoryTrace.Attempt, attempt.Number));
    }

    /// <summary>Its phases.</summary>
    public Phases Phases { get; }

    /// <summary>An artifact of so many bytes was written.</summary>
    public void Uploaded(long bytes) => _meter.Uploaded(_kind, bytes);

    /// <summary>Its result is told.</summary>
    public void Completed() => _outcome = "completed";

    /// <summary>It failed.</summary>
    public void Failed(Exception fault)
    {
        _outcome = "failed";
        _span.Fail(fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IReadOnlyList<Phase> phases = Phases.All;
        _meter.Ended(_kind, _outcome, Stopwatch.GetElapsedTime(_began), phases);
        if (_span is null) return;
        foreach (Phase phase in phases) FactoryTrace.Record(phase.Name, _span.Context, phase.Began, phase.Ended, new KeyValuePair<string, object?>(FactoryTrace.BusySeconds, phase.Busy.TotalSeconds));
        _span.SetTag(FactoryTrace.Outcome, _outcome).Dispose();
    }
}
