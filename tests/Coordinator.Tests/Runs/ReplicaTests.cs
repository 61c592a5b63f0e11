using System.Collections.Concurrent;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs.Attempts;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class ReplicaTests() : ReplicaContract(DatabaseProvider.Sqlite);

public sealed class ReplicaTestsOnPostgres() : ReplicaContract(DatabaseProvider.PostgreSql)
{
    [Fact]
    public async Task CoordinatorThatDispatches_DiesAndTheOtherTakesOver()
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int computed = 0;
        FakeWorker stuck = new()
        {
            Before = _ =>
            {
                if (Interlocked.Increment(ref computed) <= 3) return Task.CompletedTask;
                reached.TrySetResult();
                return Task.Delay(Timeout.Infinite);
            },
        };
        (string, string)[] settings = [("Lease", "00:00:01"), ("InvitationTimeout", "00:00:01"), ("PollInterval", "00:00:00.050")];
        CoordinatorHost first = await CoordinatorHost.StartAsync(Folder, stuck, settings);
        int runId = await first.SubmitSmallAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        int before = computed, calls = 0;
        FakeWorker free = new() { Before = _ => Task.FromResult(Interlocked.Increment(ref calls)) };
        await using CoordinatorHost second = await CoordinatorHost.StartAsync(Folder, free, settings);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        calls.ShouldBe(0, "one dispatches at a time");

        first.Abandon();

        RunSnapshot done = await second.FinishAsync(runId);
        done.Run.State.ShouldBe(RunState.Completed, done.Run.Error);
        (await second.SamplesAsync()).ShouldBe(30);
        (await second.ReadAsync(database => database.WorkItems.CountAsync())).ShouldBe(10);
        (await second.ReadAsync(database => database.Attempts.CountAsync(attempt => attempt.Outcome == "committed"))).ShouldBe(10);
    }
}

/// <summary>Two coordinators on one database, or one that does two things at once.</summary>
public abstract class ReplicaContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    private const int Connections = 8;

    [Fact]
    public async Task ItemsClaimedByEightAtOnce_AreEachGrantedOnce()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtManyShardsAsync();
        ConcurrentDictionary<long, int> granted = new();

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(async () =>
        {
            foreach (WorkItem item in items)
            {
                ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = item.Id, Worker = $"w{worker}" });
                if (answer.Attempt is not null) granted.AddOrUpdate(item.Id, 1, (_, times) => times + 1);
            }
        })));

        granted.Count.ShouldBe(items.Count);
        granted.Values.ShouldAllBe(times => times == 1);
        (await host.ReadAsync(database => database.Attempts.CountAsync(attempt => attempt.Outcome == null))).ShouldBe(items.Count);
    }

    [Fact]
    public async Task ItemsClaimedSeveralAtOnceAtBoth_AreEachGrantedOnce()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await one.ArriveAtManyShardsAsync();

        ClaimAnswer[] answers = await Task.WhenAll(items.Select((item, number) => Task.Run(() =>
            (number % 2 == 0 ? one : other).Service<AttemptClaims>().ClaimAsync(new() { ItemId = item.Id, Worker = $"w{number}", Most = 4 }))));

        List<long> granted = [.. answers.SelectMany(answer => answer.Attempts).Select(attempt => attempt.ItemId)];
        granted.Count.ShouldBe(granted.Distinct().Count());
        granted.Count.ShouldBe(await one.ReadAsync(database => database.WorkItems.CountAsync(item => item.State == ItemState.Running)));
        items.Select(item => item.Id).ShouldBeSubsetOf(granted);
        (await one.ReadAsync(database => database.Attempts.CountAsync(attempt => attempt.Outcome == null))).ShouldBe(granted.Count);
    }

    [Fact]
    public async Task CrowdOfClaimsAndResults_DoubleAndStaleOnesAmongThem_CommitsEachItemOnceWithItsOwnResult()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await one.ArriveAtManyShardsAsync();
        (WorkItem Item, AttemptRef? Attempt)[] claims = await Task.WhenAll(items.SelectMany(item => new[] { one, other }.Select(async host =>
            (item, (await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = item.Id, Worker = "w" })).Attempt))));
        claims.Count(claim => claim.Attempt is not null).ShouldBe(items.Count);
        List<ShardGenerated> results = [];
        foreach ((WorkItem item, AttemptRef? attempt) in claims.Where(claim => claim.Attempt is not null))
        {
            ShardGenerated result = (ShardGenerated)await one.ComputeAsync(item, attempt!);
            results.Add(result with { Artifact = await one.StoreAsync($"shard of {item.Id}"), Provenance = await one.StoreAsync(""), Counts = [.. result.Counts.Select(_ => 0)] });
        }
        IEnumerable<ShardGenerated> stale = results.Select(result => result with { Attempt = result.Attempt with { Number = 2 } });

        await Task.WhenAll(results.Concat(stale).Concat(results).SelectMany(result => new[] { one, other }.Select(host => host.DeliverAsync(result))));

        foreach (ShardGenerated result in results)
        {
            WorkItem item = await one.ItemAsync(result.Attempt.ItemId);
            (item.State, item.Artifact).ShouldBe((ItemState.Completed, result.Artifact.Digest));
            item.Result.ShouldNotBeNull().ShouldContain(result.Artifact.Digest.Hex);
            (await one.AttemptsAsync(item.Id)).ShouldHaveSingleItem().Outcome.ShouldBe("committed");
        }
    }

    [Fact]
    public async Task ResultDeliveredToBothAtOnce_IsCommittedOnce()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await one.ArriveAtAsync("corpus");
        foreach (WorkItem item in items)
        {
            object result = await one.ComputeAsync(item, await one.ClaimAsync(item.Id));

            await Task.WhenAll(Enumerable.Range(0, Connections).Select(copy => (copy % 2 == 0 ? one : other).DeliverAsync(result)));
        }

        (await one.SamplesAsync()).ShouldBe(30);
        foreach (WorkItem item in items)
        {
            (await one.ItemAsync(item.Id)).State.ShouldBe(ItemState.Completed);
            (await one.AttemptsAsync(item.Id)).ShouldHaveSingleItem().Outcome.ShouldBe("committed");
        }
    }

    [Fact]
    public async Task RunAdvancedByBothAtOnce_MakesEachMoveOnce()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        int runId = await one.SubmitSmallAsync();
        while (!await IsOverAsync(one, runId))
        {
            await Task.WhenAll(one.AdvanceAsync(runId), other.AdvanceAsync(runId), one.AdvanceAsync(runId), other.AdvanceAsync(runId));
            foreach (WorkItem item in await one.OpenAsync(runId)) await one.CompleteAsync(item);
        }

        (await one.RunAsync(runId)).State.ShouldBe(RunState.Completed);
        (await one.ReadAsync(database => database.WorkItems.CountAsync())).ShouldBe(10);
        (await one.ReadAsync(database => database.Checkpoints.CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task CamsOfTwoRunsCommittedAtOnce_AreRememberedOnce()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> first) = await host.ArriveAtAsync("cams");
        int second = await host.SubmitAsync(TestRecipe.Small);
        await host.AdvanceAsync(second);
        // The same classifier from the same seed: both runs want the same CAMs.
        List<WorkItem> open = [];
        for (open = await host.OpenAsync(second); open[0].RunStep.Name != "cams"; open = await host.OpenAsync(second))
        {
            await host.CompleteAsync(open[0]);
            await host.AdvanceAsync(second);
        }

        await Task.WhenAll(host.CompleteAsync(first[0]), host.CompleteAsync(open[0]));

        (await host.ItemAsync(first[0].Id)).State.ShouldBe(ItemState.Completed);
        (await host.ItemAsync(open[0].Id)).State.ShouldBe(ItemState.Completed);
        (await host.ReadAsync(database => database.CamRows.CountAsync())).ShouldBe(8);
        (await host.CompleteRunAsync(second)).State.ShouldBe(RunState.Completed);
    }

    [Fact]
    public async Task CancelAmongClaimsAndResults_LeavesNothingOpen()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        (int runId, List<WorkItem> items) = await one.ArriveAtManyShardsAsync();

        await Task.WhenAll([.. items.Select((item, number) => Task.Run(() => TryAsync(number % 2 == 0 ? one : other, item))), Task.Run(() => other.CancelAsync(runId))]);

        (await one.OpenAsync(runId)).ShouldBeEmpty();
        List<WorkItem> after = await one.ReadAsync(database => database.WorkItems.Where(item => item.RunId == runId).ToListAsync());
        after.ShouldAllBe(item => item.State == ItemState.Completed || item.State == ItemState.Canceled);
        (await one.ReadAsync(database => database.Attempts.CountAsync(attempt => attempt.Outcome == null))).ShouldBe(0);
        int completed = after.Count(item => item.State == ItemState.Completed && item.Kind == nameof(GenerateShard));
        (await one.SamplesAsync()).ShouldBe(completed * 10);
    }

    [Fact]
    public async Task OneCollectionRegisteredByBothAtOnce_IsOneVersion()
    {
        await using CoordinatorHost one = await CoordinatorHost.StartAsync(Folder), other = await CoordinatorHost.StartAsync(Folder);
        NewCollectionVersion version = await TestCollection.MakeAsync(one);

        CollectionRegistered[] answers = await Task.WhenAll(Enumerable.Range(0, Connections).Select(copy => Task.Run(() => (copy % 2 == 0 ? one : other).RegisterAsync(version))));

        answers.Count(answer => answer.Created).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.Collection.Version == 1);
        (await one.ReadAsync(database => database.CollectionImages.CountAsync())).ShouldBe(16);
    }

    [Fact]
    public async Task ResultThatCannotBeRecorded_FailsItsAttemptWithTheReason()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        ShardGenerated result = (ShardGenerated)await host.ComputeAsync(items[0], await host.ClaimAsync(items[0].Id));

        await host.DeliverAsync(result with { Provenance = await host.StoreAsync("no provenance\n") });

        WorkItem item = await host.ItemAsync(items[0].Id);
        (item.State, item.Artifact).ShouldBe((ItemState.Pending, null));
        item.LastError.ShouldNotBeNull().ShouldContain("cannot be recorded");
        (await host.AttemptsAsync(item.Id)).ShouldHaveSingleItem().Outcome.ShouldBe("failed");
        (await host.SamplesAsync()).ShouldBe(0);
    }

    private static async Task TryAsync(CoordinatorHost host, WorkItem item)
    {
        ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = item.Id, Worker = "w" });
        if (answer.Attempt is { } attempt) await host.DeliverAsync(await host.ComputeAsync(item, attempt));
    }

    private static async Task<bool> IsOverAsync(CoordinatorHost host, int runId) =>
        (await host.RunAsync(runId)).State is RunState.Completed or RunState.Faulted or RunState.Canceled;
}
