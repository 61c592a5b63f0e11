using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class DispatcherTests() : DispatcherContract(DatabaseProvider.Sqlite);

public sealed class DispatcherTestsOnPostgres() : DispatcherContract(DatabaseProvider.PostgreSql);

public abstract class DispatcherContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task Run_WithASmallWindow_CompletesWithEachItemComputedOnce()
    {
        int calls = 0;
        FakeWorker worker = new()
        {
            Before = _ =>
            {
                Interlocked.Increment(ref calls);
                return Task.CompletedTask;
            },
        };
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, worker, ("Window", "1"));
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await host.SubmitAsync(TestRecipe.Small.Replace("samples: 30", "samples: 200", StringComparison.Ordinal));

        RunSnapshot done = await host.FinishAsync(runId);

        done.Run.State.ShouldBe(RunState.Completed, done.Run.Error);
        calls.ShouldBe(27);
        (await host.SamplesAsync()).ShouldBe(200);
    }

    [Fact]
    public async Task FailingItem_IsInvitedAgainUntilPoisonedAndRunFaults()
    {
        FakeWorker worker = new()
        {
            Before = command => command is GenerateShard { First: 10 } ? throw new InvalidOperationException("CUDA out of memory") : Task.CompletedTask,
        };
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, worker, ("AttemptLimit", "3"), ("RetryDelay", "00:00:00"));
        int runId = await host.SubmitSmallAsync();

        RunSnapshot faulted = await host.FinishAsync(runId);

        faulted.Run.State.ShouldBe(RunState.Faulted);
        PoisonedItem poisoned = faulted.Poisoned.ShouldHaveSingleItem();
        (poisoned.Step, poisoned.Ordinal, poisoned.Attempts, poisoned.Error).ShouldBe(("corpus", 1, 3, "CUDA out of memory"));
        (await host.SamplesAsync()).ShouldBe(20);
    }

    [Fact]
    public async Task RunThatCannotBeRead_LeavesTheOthersToGoOn()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        int broken = await host.SubmitSmallAsync();
        await host.ReadAsync(database => database.Database.ExecuteSqlAsync($"UPDATE runs SET recipe = '[]' WHERE id = {broken}"));
        await using CoordinatorHost dispatching = await CoordinatorHost.StartAsync(Folder, new FakeWorker());

        int sound = await dispatching.SubmitAsync(TestRecipe.Small);

        while (await dispatching.ReadAsync(database => database.Runs.Where(run => run.Id == sound).Select(run => run.State).SingleAsync()) != RunState.Completed) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task NameOfACheckpoint_TakenBySomebodyElse_IsNumbered()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        int runId = await host.SubmitSmallAsync();
        await host.ReadAsync(async database =>
        {
            database.Checkpoints.Add(new() { ProjectId = Project.DefaultId, Name = $"small-{runId}-classifier", Digest = Sha256Digest.Of([1]), Bytes = 1, Kind = "classifier", Architecture = "resnet18", Categories = CategoryList.Amd, Size = 64 });
            return await database.SaveChangesAsync();
        });

        Run done = await host.CompleteRunAsync(runId);

        done.State.ShouldBe(RunState.Completed, done.Error);
        (await host.ReadAsync(database => database.Checkpoints.CountAsync(checkpoint => checkpoint.Name == $"{done.Name}-{runId}-classifier-2"))).ShouldBe(1);
    }

    [Fact]
    public async Task CoordinatorThatDies_LosesNothingAndDoublesNothing()
    {
        Sha256Digest undisturbed = await ManifestAsync(Folder, crashes: 0);

        using TestFolder other = await TestFolder.CreateAsync(Provider);
        (await ManifestAsync(other, crashes: 4)).ShouldBe(undisturbed);
    }

    // A crash is a host thrown away with attempts under way: the next one begins on the same database with an empty queue.
    private static async Task<Sha256Digest> ManifestAsync(TestFolder folder, int crashes)
    {
        int runId = 0;
        for (int life = 0; life <= crashes; life++)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            int computed = 0;
            FakeWorker worker = new()
            {
                Before = _ =>
                {
                    if (life == crashes || Interlocked.Increment(ref computed) <= 2) return Task.CompletedTask;
                    reached.TrySetResult();
                    return Task.Delay(Timeout.Infinite);
                },
            };
            CoordinatorHost host = await CoordinatorHost.StartAsync(folder, worker, ("QueueIsVolatile", "true"));
            if (life == 0) runId = await host.SubmitSmallAsync();
            if (life < crashes)
            {
                await reached.Task.WaitAsync(TimeSpan.FromMinutes(1));
                host.Abandon();
                continue;
            }
            await using (host)
            {
                RunSnapshot done = await host.FinishAsync(runId);
                done.Run.State.ShouldBe(RunState.Completed, done.Run.Error);
                (await host.SamplesAsync()).ShouldBe(30);
                (await host.ReadAsync(database => database.WorkItems.CountAsync())).ShouldBe(10);
                (await host.ReadAsync(database => database.Attempts.CountAsync(attempt => attempt.Outcome == "committed"))).ShouldBe(10);
                return done.Steps.Single(step => step.Name == "corpus").Output!.Manifest!.Digest;
            }
        }
        throw new InvalidOperationException("the last life does not crash");
    }
}
