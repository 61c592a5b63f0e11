using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Telemetry;
using Factory.Hosting.Transport;
using Factory.Storage.Objects;
using Factory.Tests.Servers;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Factory.GpuWorker.Tests.Attempts;

/// <summary>A real broker is restarted while a worker computes.</summary>
public sealed class LostConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task LongAttempt_HoldsUpNoReconnection_AndIsDelivered()
    {
        await using RabbitMqServer server = await RabbitMqServer.StartNewAsync();
        Ledger ledger = new();
        LongWork work = new();
        using IHost host = Build(server.Access, ledger, work);
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            // A host's start does not wait for the queues of its bus.
            (await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Patience)).ShouldBe(BusHealthStatus.Healthy);
            IBus bus = host.Services.GetRequiredService<IBus>();
            await (await bus.GetSendEndpoint(new($"exchange:{WorkQueues.NameOf(typeof(RenderReport), "cpu", RunPriority.Bulk)}"))).Send(LongWork.Command);
            await work.Begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

            await server.StopAsync();
            await server.StartAsync();

            // Answers come by the endpoint of this process, which is made after the queue of work and taken apart after it.
            (await AnswersAsync(bus), ledger.OutcomeOf(LongWork.Command.Order.ItemId).IsCompleted).ShouldBe((true, false));
            work.End.SetResult();
            ReportRendered result = (await ledger.OutcomeOf(LongWork.Command.Order.ItemId).WaitAsync(Patience, TestContext.Current.CancellationToken)).ShouldBeOfType<ReportRendered>();
            result.Attempt.Number.ShouldBe(1);
        }
        finally
        {
            // The bus ends when its consumers do; disposal alone would wait for it without bound.
            work.End.TrySetResult();
            using CancellationTokenSource patience = new(Patience);
            await host.StopAsync(patience.Token);
        }
    }

    private static IHost Build(RabbitMqAccess broker, Ledger ledger, LongWork work)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Transport:Kind"] = "RabbitMq",
            ["Transport:Host"] = "127.0.0.1",
            ["Transport:Port"] = $"{broker.Port}",
            ["Transport:VirtualHost"] = broker.VirtualHost,
            ["Transport:User"] = broker.User,
            ["Transport:Password"] = broker.Password,
        });
        builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton(ledger).AddSingleton(work).AddSingleton<WorkerMeter>().AddSingleton<AttemptRunner>();
        builder.Services.AddFactoryBus(
            builder.Configuration,
            bus =>
            {
                bus.AddConsumer<StandInCoordinator>();
                bus.AddConsumer<LongWorkConsumer>().ExcludeFromConfigureEndpoints();
            },
            (context, transport) => transport.ReceiveEndpoint(WorkQueues.NameOf(typeof(RenderReport), "cpu", RunPriority.Bulk), endpoint =>
            {
                endpoint.AsWorkQueue(new());
                endpoint.ConfigureConsumer<LongWorkConsumer>(context);
            }));
        return builder.Build();
    }

    private static async Task<bool> AnswersAsync(IBus bus)
    {
        using CancellationTokenSource patience = new(Patience);
        for (long item = 2; !patience.IsCancellationRequested; item++)
        {
            try
            {
                await bus.CreateRequestClient<ClaimAttempt>(TimeSpan.FromSeconds(3))
                    .GetResponse<AttemptGranted>(new ClaimAttempt { ItemId = item, Worker = "somebody" }, patience.Token).AnsweredWithinAsync(TimeSpan.FromSeconds(5), TimeProvider.System, patience.Token);
                return true;
            }
            catch (Exception unanswered) when (unanswered is MassTransitException or OperationCanceledException)
            {
                await Task.Delay(200, CancellationToken.None);
            }
        }
        return false;
    }
}

/// <summary>Work that takes until the test ends it.</summary>
public sealed class LongWork
{
    public static RenderReport Command { get; } = new() { Order = new() { RunId = 1, ItemId = 1, Step = "step", Numerics = new() { Device = "cpu", Threads = 1 } }, Content = RunnerWork.Blob };

    public TaskCompletionSource Begun { get; } = new();

    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Does it.</summary>
public sealed class LongWorkConsumer(AttemptRunner runner, LongWork work) : IConsumer<RenderReport>
{
    public Task Consume(ConsumeContext<RenderReport> context) => runner.RunAsync(
        context.Message,
        async (_, attempt) =>
        {
            work.Begun.TrySetResult();
            await work.End.Task.WaitAsync(attempt.CancellationToken);
            return RunnerWork.Result(attempt);
        },
        context.CancellationToken);
}
