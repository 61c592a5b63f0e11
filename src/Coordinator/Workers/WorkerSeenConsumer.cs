using Factory.Contracts.Work;
using MassTransit;

namespace Factory.Coordinator.Workers;

/// <summary>Takes the signs of life of workers.</summary>
internal sealed class WorkerSeenConsumer(WorkerRegistry registry) : IConsumer<WorkerSeen>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<WorkerSeen> context) => registry.NoteAsync(context.Message, context.CancellationToken);
}
