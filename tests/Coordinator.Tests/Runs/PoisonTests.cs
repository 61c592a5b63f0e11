using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;

namespace Factory.Coordinator.Tests.Runs;

public sealed class PoisonTests() : PoisonContract(DatabaseProvider.Sqlite);

public sealed class PoisonTestsOnPostgres() : PoisonContract(DatabaseProvider.PostgreSql);

public abstract class PoisonContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task ItemThatFailsEachAttempt_IsPoisonedNamedAndRevivedByRetry()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("AttemptLimit", "3"));
        (int runId, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        WorkItem bad = items[1];
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            (await host.ItemAsync(bad.Id)).State.ShouldBe(ItemState.Pending);
            await host.FailAsync(await host.ClaimAsync(bad.Id), "the process died");
            host.Time.Advance(TimeSpan.FromMinutes(5));
        }

        Run faulted = await host.CompleteRunAsync(runId);

        faulted.State.ShouldBe(RunState.Faulted);
        faulted.Error.ShouldNotBeNull().ShouldContain($"item {bad.Id} (corpus/1) after 3 attempts: the process died");
        foreach (WorkItem other in items.Where(item => item.Id != bad.Id)) (await host.ItemAsync(other.Id)).State.ShouldBe(ItemState.Completed);
        (await host.SamplesAsync()).ShouldBe(20, "the other shards are done");

        await host.RetryAsync(runId);
        Run completed = await host.CompleteRunAsync(runId);

        completed.State.ShouldBe(RunState.Completed, completed.Error);
        completed.Error.ShouldBeNull();
        (await host.SamplesAsync()).ShouldBe(30);
        (await host.ItemAsync(bad.Id)).AttemptCount.ShouldBe(4);
    }

    [Fact]
    public async Task WorkerThatDiesEachTime_PoisonsItem()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("AttemptLimit", "2"));
        (int runId, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        for (int crash = 0; crash < 2; crash++)
        {
            await host.ClaimAsync(items[0].Id);
            await host.ReapAsync(everything: true);
        }

        (await host.CompleteRunAsync(runId)).Error.ShouldNotBeNull().ShouldContain("the worker died");
    }

    [Fact]
    public async Task PermanentFailure_PoisonsAtOnce()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (int runId, List<WorkItem> items) = await host.ArriveAtAsync("generator");

        await host.FailAsync(await host.ClaimAsync(items[0].Id), "the checkpoint is of another architecture", permanent: true);

        Run run = await host.CompleteRunAsync(runId);
        (run.State, (await host.ItemAsync(items[0].Id)).AttemptCount).ShouldBe((RunState.Faulted, 1));
        run.Steps.Single(step => step.Name == "corpus").State.ShouldBe(StepState.Waiting);
    }

    [Fact]
    public async Task RetryOfCompletedRun_IsRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        int runId = await host.SubmitSmallAsync();
        await host.CompleteRunAsync(runId);

        (await Should.ThrowAsync<RefusedException>(() => host.RetryAsync(runId))).Status.ShouldBe(409);
        (await Should.ThrowAsync<RefusedException>(() => host.CancelAsync(runId))).Status.ShouldBe(409);
        (await Should.ThrowAsync<RefusedException>(() => host.CancelAsync(99))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Cancel_StopsWhatIsOpenRefusesLateResultsAndRetryGoesOn()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (int runId, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        await host.CompleteAsync(items[0]);
        AttemptRef running = await host.ClaimAsync(items[1].Id);
        object late = await host.ComputeAsync(items[1], running);

        await host.CancelAsync(runId);

        (await host.OpenAsync(runId)).ShouldBeEmpty();
        await host.DeliverAsync(late);
        await host.AdvanceAsync(runId);
        (await host.ItemAsync(items[1].Id)).State.ShouldBe(ItemState.Canceled);
        (await host.AttemptsAsync(items[1].Id)).ShouldHaveSingleItem().Outcome.ShouldBe("canceled");
        (await host.SamplesAsync()).ShouldBe(10, "what is committed stays");
        (await host.RunAsync(runId)).State.ShouldBe(RunState.Canceled);
        await Should.ThrowAsync<InvalidOperationException>(() => host.ClaimAsync(items[2].Id));

        await host.RetryAsync(runId);
        (await host.CompleteRunAsync(runId)).State.ShouldBe(RunState.Completed);
        (await host.SamplesAsync()).ShouldBe(30);
        (await host.AttemptsAsync(items[0].Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task CancelBeforeAnythingBegan_IsNotUndoneByTheDispatcher()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        int runId = await host.SubmitSmallAsync();
        await Task.WhenAll(host.AdvanceAsync(runId), host.CancelAsync(runId));

        await host.AdvanceAsync(runId);

        (await host.RunAsync(runId)).State.ShouldBe(RunState.Canceled);
    }
}
