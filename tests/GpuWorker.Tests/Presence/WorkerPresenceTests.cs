using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Presence;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Factory.GpuWorker.Tests.Presence;

public sealed class WorkerPresenceTests
{
    [Fact]
    public async Task Worker_SpeaksAtItsStartAtAnEvenPaceAndAtItsStop()
    {
        FakeTimeProvider time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using TestWorker worker = await TestWorker.StartAsync(time);
        WorkerSeen first = await HeardAsync(worker, seen => !seen.Stopped);

        WorkerSeen second = await AdvanceUntilHeardAsync(worker, time, after: first.SentAt);
        await Presence(worker).StopAsync(CancellationToken.None);

        WorkerSeen last = await HeardAsync(worker, seen => seen.Stopped);
        first.Worker.ShouldBe(worker.Services.GetRequiredService<AttemptRunner>().Worker);
        first.Build.ShouldBe(FactoryBuild.Current);
        first.Device.ShouldBe("cpu");
        first.DeviceName.ShouldNotBeNullOrWhiteSpace();
        first.DeviceBytes.ShouldNotBeNull().ShouldBeGreaterThan(1 << 20);
        first.Attempt.ShouldBeNull();
        (first.StartedAt, last.StartedAt).ShouldBe((first.SentAt, first.SentAt));
        second.SentAt.ShouldBeGreaterThanOrEqualTo(first.SentAt.AddSeconds(10));
    }

    [Fact]
    public async Task WorkerAtWork_NamesItsAttempt()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        AttemptRunner runner = worker.Services.GetRequiredService<AttemptRunner>();
        WorkOrder order = worker.Order();
        AttemptRef? during = null;

        await runner.RunAsync(new RenderReport { Order = order, Content = new() { Digest = Sha256Digest.Of("content"u8), Bytes = 7, MediaType = MediaTypes.Json } }, (_, attempt) =>
        {
            during = runner.Current;
            return Task.FromResult(new AttemptFailed { Attempt = attempt.Attempt, Error = "none", Permanent = false });
        });

        during.ShouldBe(new() { ItemId = order.ItemId, Number = 1 });
        runner.Current.ShouldBeNull();
    }

    private static IHostedService Presence(TestWorker worker) => worker.Services.GetServices<IHostedService>().OfType<WorkerPresence>().Single();

    private static async Task<WorkerSeen> HeardAsync(TestWorker worker, Func<WorkerSeen, bool> which) =>
        (await worker.Harness.Published.SelectAsync<WorkerSeen>(message => which(message.Context.Message)).FirstOrDefaultAsync()).ShouldNotBeNull().Context.Message;

    // The worker may not have begun its wait when time is moved: it is moved on until the worker speaks.
    private static async Task<WorkerSeen> AdvanceUntilHeardAsync(TestWorker worker, FakeTimeProvider time, DateTime after)
    {
        while (true)
        {
            if (worker.Harness.Published.Select<WorkerSeen>().FirstOrDefault(message => message.Context.Message.SentAt > after) is { } heard) return heard.Context.Message;
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }
    }
}
