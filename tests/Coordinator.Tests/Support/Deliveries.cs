using System.Collections.Concurrent;
using Factory.Contracts.Work;
using MassTransit;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Knows when the consumers are done with a message.</summary>
internal sealed class Deliveries : IConsumeObserver
{
    private readonly ConcurrentDictionary<Guid, Delivery> _awaited = new();

    public async Task DeliverAsync(IBus bus, object message)
    {
        Guid id = NewId.NextGuid();
        // Signs of life renew a lease, and go to the board besides.
        Delivery delivery = _awaited[id] = new(message is AttemptProgressed ? 2 : 1);
        await bus.Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id));
        await delivery.Done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        if (context.MessageId is { } id && _awaited.TryGetValue(id, out Delivery? delivery)) delivery.CountDown();
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        if (context.MessageId is { } id && _awaited.TryGetValue(id, out Delivery? delivery)) delivery.Done.TrySetException(exception);
        return Task.CompletedTask;
    }

    private sealed class Delivery(int consumers)
    {
        private int _left = consumers;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void CountDown()
        {
            if (Interlocked.Decrement(ref _left) == 0) Done.TrySetResult();
        }
    }
}
