using Factory.Contracts.Work;
using Factory.Storage.Objects;
using MassTransit;

namespace Factory.Coordinator.Tests.Support;

/// <summary>Takes up invitations for a <see cref="FakeWorker"/>: claims, computes, answers.</summary>
internal sealed class FakeWorkerConsumers
{
    public static void AddTo(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<Consumer<TrainClassifierSegment>>();
        bus.AddConsumer<Consumer<ComputeCamBlock>>();
        bus.AddConsumer<Consumer<TrainGeneratorSegment>>();
        bus.AddConsumer<Consumer<GenerateShard>>();
        bus.AddConsumer<Consumer<RenderContactSheet>>();
        bus.AddConsumer<Consumer<EvaluateModels>>();
        bus.AddConsumer<Consumer<RenderReport>>();
    }

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
