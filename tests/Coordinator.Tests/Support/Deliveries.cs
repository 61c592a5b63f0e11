using System.Collections.Concurrent;
using MassTransit;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Knows when a consumer is done with a message.</summary>
internal sealed class Deliveries : IConsumeObserver
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _awaited = new();

    public async Task DeliverAsync(IBus bus, object message)
    {
        Guid id = NewId.NextGuid();
        TaskCompletionSource done = _awaited[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await bus.Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        if (context.MessageId is { } id && _awaited.TryRemove(id, out TaskCompletionSource? done)) done.TrySetResult();
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        if (context.MessageId is { } id && _awaited.TryRemove(id, out TaskCompletionSource? done)) done.TrySetException(exception);
        return Task.CompletedTask;
    }
}
