using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using MassTransit.Testing;
using Microsoft.Extensions.Time.Testing;
using static Factory.GpuWorker.Tests.Attempts.RunnerWork;

namespace Factory.GpuWorker.Tests.Attempts;

/// <summary>Attempts that are claimed several at once.</summary>
public sealed class SeveralAttemptsTests
{
    [Fact]
    public async Task ItemsOfAMoment_AreClaimedSeveralAtOnce_AndEachDone()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        (RenderReport first, RenderReport second, RenderReport[] beside) = (Command(worker), Command(worker), [Command(worker), Command(worker)]);
        List<RenderReport> computed = [];
        Task<ReportRendered> ComputeAsync(RenderReport command, AttemptContext attempt)
        {
            attempt.Attempt.ItemId.ShouldBe(command.Order.ItemId);
            time.Advance(TimeSpan.FromSeconds(0.1));
            computed.Add(command);
            return Task.FromResult(Result(attempt));
        }

        await Runner(worker).RunAsync(first, ComputeAsync);
        foreach (RenderReport command in beside) worker.Ledger.Beside.Enqueue(command);
        await Runner(worker).RunAsync(second, ComputeAsync);

        computed.ShouldBe([first, second, .. beside]);
        foreach (RenderReport command in computed) (await worker.Ledger.OutcomeOf(command.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReportRendered>();
        worker.Ledger.Asked.ShouldBe([1, 5]);
    }

    [Fact]
    public async Task ItemsThatTakeTheirTime_AndThoseOfAnotherStep_AreClaimedSingly()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        RenderReport quick = Command(worker), ofAnotherRun = Command(worker, runId: 2), slow = Command(worker, runId: 2), last = Command(worker, runId: 2);

        foreach ((RenderReport command, double seconds) in new[] { (quick, 0.01), (ofAnotherRun, 0.3), (slow, 3), (last, 0) })
        {
            await Runner(worker).RunAsync(command, (_, attempt) =>
            {
                time.Advance(TimeSpan.FromSeconds(seconds));
                return Task.FromResult(Result(attempt));
            });
        }

        worker.Ledger.Asked.ShouldBe([1, 1, 1, 1]);
    }

    [Fact]
    public async Task StoppingWorker_GivesWhatItHasNotBegunBackToo()
    {
        await using TestWorker worker = await TestWorker.StartAsync(new FakeTimeProvider());
        (RenderReport inWork, RenderReport waiting, Task attempts) = await BeginFirstOfTwoAsync(worker);

        worker.Lifetime.StopApplication();
        await attempts.WaitAsync(Patience);

        worker.Ledger.Events.TakeLast(2).ShouldBe([$"ReturnAttempt {inWork.Order.ItemId}/1", $"ReturnAttempt {waiting.Order.ItemId}/1"]);
    }

    [Fact]
    public async Task WorkerWithoutADisk_GivesWhatItHasNotBegunToOthers()
    {
        await using TestWorker worker = await TestWorker.StartAsync(new FakeTimeProvider());
        (RenderReport failing, RenderReport waiting) = await HoldTwoAsync(worker);

        Task attempts = Runner(worker).RunAsync<RenderReport, ReportRendered>(failing, (_, _) => throw new IOException("the disk is full"));

        (await worker.Ledger.OutcomeOf(failing.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<AttemptFailed>();
        (await worker.Ledger.OutcomeOf(waiting.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReturnAttempt>("while this worker rests");
        worker.Lifetime.StopApplication();
        await attempts.WaitAsync(Patience);
    }

    [Fact]
    public async Task ItemThatFails_LeavesTheOthersBesideItToBeDone()
    {
        await using TestWorker worker = await TestWorker.StartAsync(new FakeTimeProvider());
        (RenderReport failing, RenderReport waiting) = await HoldTwoAsync(worker);

        await Runner(worker).RunAsync(failing, (command, attempt) => command == failing ? throw new InvalidDataException("broken") : Task.FromResult(Result(attempt)));

        (await worker.Ledger.OutcomeOf(failing.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<AttemptFailed>();
        (await worker.Ledger.OutcomeOf(waiting.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReportRendered>();
    }

    [Fact]
    public async Task CanceledRun_IsDroppedWithAllThatWasGranted()
    {
        await using TestWorker worker = await TestWorker.StartAsync(new FakeTimeProvider());
        (RenderReport canceled, RenderReport waiting, Task attempts) = await BeginFirstOfTwoAsync(worker);

        Runner(worker).Cancel(canceled.Order.RunId);
        await attempts.WaitAsync(Patience);

        worker.Ledger.Events.ShouldNotContain(said => said.Contains($" {waiting.Order.ItemId}", StringComparison.Ordinal));
        Runner(worker).Current.ShouldBeNull();
    }

    [Fact]
    public async Task AttemptThatIsNotBegun_KeepsItsLeaseAndLosesItLikeAnother()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        (_, RenderReport waiting, Task attempts) = await BeginFirstOfTwoAsync(worker);

        time.Advance(worker.Ledger.Lease / 3);
        (await worker.Harness.Published.SelectAsync<AttemptProgressed>(beat => beat.Context.Message.Attempt.ItemId == waiting.Order.ItemId).Any()).ShouldBeTrue();
        time.Advance(worker.Ledger.Lease * 2);
        await attempts.WaitAsync(Patience);

        worker.Ledger.Events.ShouldNotContain(said => said.Contains($" {waiting.Order.ItemId}", StringComparison.Ordinal));
    }

    // The first goes on until it is canceled.
    private static async Task<(RenderReport InWork, RenderReport Waiting, Task Attempts)> BeginFirstOfTwoAsync(TestWorker worker)
    {
        (RenderReport inWork, RenderReport waiting) = await HoldTwoAsync(worker);
        TaskCompletionSource begun = new();
        Task attempts = Runner(worker).RunAsync(inWork, (_, context) => EndlessAsync(context, begun));
        await begun.Task.WaitAsync(Patience);
        return (inWork, waiting, attempts);
    }

    // An item that took no time, after which the next claim is answered with one more.
    private static async Task<(RenderReport Claimed, RenderReport Beside)> HoldTwoAsync(TestWorker worker)
    {
        RenderReport claimed = Command(worker), beside = Command(worker);
        await Runner(worker).RunAsync(Command(worker), (_, attempt) => Task.FromResult(Result(attempt)));
        worker.Ledger.Beside.Enqueue(beside);
        return (claimed, beside);
    }
}
