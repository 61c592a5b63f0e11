using Factory.Contracts.Work;
using Factory.GpuWorker.Telemetry;
using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>An attempt that was granted: it lives by its lease from then on, begun or not.</summary>
internal sealed class HeldAttempt<TCommand> : IAsyncDisposable
{
    private AttemptContext? _context;

    public HeldAttempt(TCommand command, AttemptRef attempt, TimeSpan lease, IBus bus, TimeProvider time)
    {
        (Command, Attempt) = (command, attempt);
        Heartbeat = new(lease, () => Volatile.Read(ref _context)?.Latest ?? AttemptContext.NothingYet(attempt), bus, time);
    }

    public TCommand Command { get; }

    public AttemptRef Attempt { get; }

    public Heartbeat Heartbeat { get; }

    public AttemptContext Begin(AttemptRecord record, CancellationToken cancellationToken)
    {
        AttemptContext context = new(Attempt, record.Phases, record.Uploaded, cancellationToken);
        Volatile.Write(ref _context, context);
        return context;
    }

    public ValueTask DisposeAsync() => Heartbeat.DisposeAsync();
}
