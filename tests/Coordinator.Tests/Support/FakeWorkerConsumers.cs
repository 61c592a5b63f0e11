using Factory.Contracts.Work;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using MassTransit;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Takes up invitations for a <see cref="FakeWorker"/>: claims, computes, answers.</summary>
internal sealed class FakeWorkerConsumers
{
    public static void AddTo(IBusRegistrationConfigurator bus)
    {
        foreach (Type command in WorkQueues.Commands) bus.AddConsumer(ConsumerOf(command)).ExcludeFromConfigureEndpoints();
    }

    /// <summary>Takes invitations where a worker on a CPU does.</summary>
    public static void ConfigureWorkEndpoints(IBusRegistrationContext context, IReceiveConfigurator transport)
    {
        foreach ((string queue, Type message) in WorkQueues.Of("cpu").Where(queue => WorkQueues.Commands.Contains(queue.Message)))
        {
            transport.ReceiveEndpoint(queue, endpoint =>
            {
                endpoint.AsWorkQueue(new());
                endpoint.ConcurrentMessageLimit = null;
                endpoint.PrefetchCount = 16;
                endpoint.ConfigureConsumer(context, ConsumerOf(message));
            });
        }
    }

    private static Type ConsumerOf(Type command) => typeof(Consumer<>).MakeGenericType(command);

    private sealed class Consumer<T>(FakeWorker worker, IObjectStore objects, IClientFactory clients, IBus bus) : IConsumer<T>
        where T : class, IWorkCommand
    {
        public async Task Consume(ConsumeContext<T> context)
        {
            IRequestClient<ClaimAttempt> client = clients.CreateRequestClient<ClaimAttempt>();
            long itemId = context.Message.Order.ItemId;
            Response<AttemptGranted, AttemptRefused> answer = await client.GetResponse<AttemptGranted, AttemptRefused>(new ClaimAttempt { ItemId = itemId, Worker = "fake" });
            if (!answer.Is(out Response<AttemptGranted>? granted)) return;
            AttemptRef attempt = granted.Message.Attempt;
            worker.Busy[itemId] = attempt.Number;
            object answered;
            try
            {
                await worker.Before(context.Message);
                answered = await FakeWorker.ComputeAsync(objects, context.Message, attempt);
            }
            catch (InvalidOperationException fault)
            {
                answered = new AttemptFailed { Attempt = attempt, Error = fault.Message, Permanent = false };
            }
            worker.Busy.TryRemove(itemId, out _);
            await bus.Publish(answered, answered.GetType());
        }
    }
}
