using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Telemetry;

namespace Factory.GpuWorker.Attempts;

/// <summary>What a computation knows of the attempt it is: whom to name, when to stop, where to say how far it is.</summary>
public sealed class AttemptContext
{
    private AttemptProgressed? _latest;

    private readonly Action<long> _uploaded;

    internal AttemptContext(AttemptRef attempt, Phases phases, Action<long> uploaded, CancellationToken cancellationToken) =>
        (Attempt, Phases, _uploaded, CancellationToken) = (attempt, phases, uploaded, cancellationToken);

    /// <summary>The attempt, to be named in the result.</summary>
    public AttemptRef Attempt { get; }

    /// <summary>Canceled when the run is canceled or the worker stops. To be looked at between steps and batches.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Where the attempt says what it spends its time on.</summary>
    public Phases Phases { get; }

    internal AttemptProgressed Latest => Volatile.Read(ref _latest) ?? NothingYet(Attempt);

    internal static AttemptProgressed NothingYet(AttemptRef attempt) => new() { Attempt = attempt, Done = 0, Total = 0, Unit = "items" };

    /// <summary>Writes an artifact, and counts it.</summary>
    /// <param name="write">Writes it.</param>
    public async Task<ObjectRef> UploadAsync(Func<Task<ObjectRef>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using Phases.Measure measure = Phases.Of(Phases.Upload);
        ObjectRef written = await write();
        _uploaded(written.Bytes);
        return written;
    }

    /// <summary>Says how far the attempt is. Cheap; sent on about once a second.</summary>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units of the item.</param>
    /// <param name="unit">What a unit is.</param>
    /// <param name="note">A word on the state, such as a loss.</param>
    public void Report(long done, long total, string unit, string? note = null) =>
        Volatile.Write(ref _latest, new() { Attempt = Attempt, Done = done, Total = total, Unit = unit, Note = note });
}
