using Factory.Contracts.Work;
using MassTransit;

namespace Factory.GpuWorker.Attempts;

/// <summary>Drops what this worker does for a canceled run. Every worker hears of it.</summary>
internal sealed class RunCanceledConsumer(AttemptRunner runner) : IConsumer<RunCanceled>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunCanceled> context)
    {
        runner.Cancel(context.Message.RunId);
        return Task.CompletedTask;
    }
}
