using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Runs.Attempts;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class AttemptTests() : AttemptContract(DatabaseProvider.Sqlite);

public sealed class AttemptTestsOnPostgres() : AttemptContract(DatabaseProvider.PostgreSql);

public abstract class AttemptContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task Claim_CountsAttemptBeforeAnythingIsComputed()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");

        AttemptRef attempt = await host.ClaimAsync(items[0].Id);

        attempt.Number.ShouldBe(1);
        WorkItem item = await host.ItemAsync(items[0].Id);
        (item.State, item.AttemptCount).ShouldBe((ItemState.Running, 1));
        (await host.AttemptsAsync(item.Id)).ShouldHaveSingleItem().Outcome.ShouldBeNull();
    }

    [Fact]
    public async Task SecondClaimOfRunningItem_IsRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        await host.ClaimAsync(items[0].Id);

        (await Should.ThrowAsync<InvalidOperationException>(() => host.ClaimAsync(items[0].Id))).Message.ShouldContain("Running");

        (await host.ItemAsync(items[0].Id)).AttemptCount.ShouldBe(1);
    }

    [Fact]
    public async Task ClaimOfSeveral_IsGrantedTheLastItemsOfItsKindTooThatNobodyTriedOrWasInvitedTo()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtManyShardsAsync();
        List<WorkItem> shards = items.FindAll(item => item.Kind == nameof(GenerateShard));
        (WorkItem tried, WorkItem invited, WorkItem next, WorkItem last) = (shards[^1], shards[^2], shards[^3], shards[^4]);
        await host.FailAsync(await host.ClaimAsync(tried.Id));
        await host.ReadAsync(database => database.WorkItems.Where(item => item.Id == invited.Id).ExecuteUpdateAsync(set => set.SetProperty(item => item.State, ItemState.Invited)));
        host.Time.Advance(TimeSpan.FromMinutes(1));

        ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = shards[0].Id, Worker = "w", Most = 3 });

        answer.Attempt.ShouldBe(new() { ItemId = shards[0].Id, Number = 1 });
        answer.Further.Select(further => further.Attempt).ShouldBe([new() { ItemId = next.Id, Number = 1 }, new() { ItemId = last.Id, Number = 1 }]);
        JsonSerializer.Deserialize<GenerateShard>(answer.Further[0].Command, ContractJson.Options).ShouldBeEquivalentTo(WorkCommands.Restore(next));
        foreach (WorkItem granted in new[] { shards[0], next, last })
        {
            WorkItem item = await host.ItemAsync(granted.Id);
            (item.State, item.AttemptCount).ShouldBe((ItemState.Running, 1));
            item.LeaseUntil.ShouldNotBeNull();
            (await host.AttemptsAsync(granted.Id)).ShouldHaveSingleItem().Worker.ShouldBe("w");
        }
    }

    [Fact]
    public async Task ClaimThatIsRefused_IsGrantedNothingBeside()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtManyShardsAsync();
        await host.ClaimAsync(items[0].Id);

        ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = items[0].Id, Worker = "w", Most = 3 });

        answer.Refusal.ShouldNotBeNull().ShouldContain("Running");
        answer.Further.ShouldBeEmpty();
        (await host.ReadAsync(database => database.WorkItems.CountAsync(item => item.State == ItemState.Running))).ShouldBe(1);
    }

    [Fact]
    public async Task ClaimOfMoreThanAWorkerMayHold_IsGrantedThat()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtManyShardsAsync();

        ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = items[0].Id, Worker = "w", Most = int.MaxValue });

        answer.Further.Count.ShouldBe(15);
    }

    [Fact]
    public async Task ClaimOfUnknownItem_IsRefused()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);

        (await Should.ThrowAsync<InvalidOperationException>(() => host.ClaimAsync(77))).Message.ShouldContain("77");
    }

    [Fact]
    public async Task SecondDeliveryOfResult_ChangesNothing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        object result = await host.ComputeAsync(items[0], await host.ClaimAsync(items[0].Id));
        await host.DeliverAsync(result);
        WorkItem committed = await host.ItemAsync(items[0].Id);

        await host.DeliverAsync(result);

        (await host.SamplesAsync()).ShouldBe(10);
        WorkItem after = await host.ItemAsync(items[0].Id);
        (after.State, after.Artifact, after.AttemptCount).ShouldBe((ItemState.Completed, committed.Artifact, 1));
    }

    [Fact]
    public async Task ResultOfStaleAttempt_ChangesNothing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        object zombie = await host.ComputeAsync(items[0], await host.ClaimAsync(items[0].Id));
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await host.ReapAsync();
        AttemptRef latest = await host.ClaimAsync(items[0].Id);

        await host.DeliverAsync(zombie);

        latest.Number.ShouldBe(2);
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Running);
        (await host.SamplesAsync()).ShouldBe(0);
        await host.DeliverAsync(await host.ComputeAsync(items[0], latest));
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Completed);
        (await host.SamplesAsync()).ShouldBe(10);
    }

    [Fact]
    public async Task FailureOfStaleAttempt_ChangesNothing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        AttemptRef first = await host.ClaimAsync(items[0].Id);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await host.ReapAsync();
        await host.ClaimAsync(items[0].Id);

        await host.FailAsync(first, permanent: true);

        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Running);
    }

    [Fact]
    public async Task LostLease_IsReapedAndItemIsOpenAgain()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        AttemptRef attempt = await host.ClaimAsync(items[0].Id);
        host.Time.Advance(TimeSpan.FromSeconds(50));
        await host.DeliverAsync(new AttemptProgressed { Attempt = attempt, Done = 1, Total = 10, Unit = "steps" });
        host.Time.Advance(TimeSpan.FromSeconds(50));

        await host.ReapAsync();
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Running, "a sign of life renewed the lease");

        host.Time.Advance(TimeSpan.FromSeconds(11));
        await host.ReapAsync();
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Pending);
        (await host.AttemptsAsync(items[0].Id)).ShouldHaveSingleItem().Outcome.ShouldBe("lost");
    }

    [Fact]
    public async Task ReturnedAttempt_DoesNotBringItemNearerToPoison()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("AttemptLimit", "2"));
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        for (int stop = 0; stop < 5; stop++) await host.DeliverAsync(new ReturnAttempt { Attempt = await host.ClaimAsync(items[0].Id) });

        await host.FailAsync(await host.ClaimAsync(items[0].Id));
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Pending);
        host.Time.Advance(TimeSpan.FromMinutes(5));
        await host.FailAsync(await host.ClaimAsync(items[0].Id));
        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Poisoned);
    }

    [Fact]
    public async Task Outage_PoisonsNoItem_UnlessItOutlastsPatience()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("AttemptLimit", "2"), ("OutagePatience", "01:00:00"));
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        for (int minutes = 0; minutes < 60; minutes += 6)
        {
            await host.FailAsync(await host.ClaimAsync(items[0].Id), "no space left", ofSurroundings: true);
            (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Pending);
            host.Time.Advance(TimeSpan.FromMinutes(6));
        }
        (await host.ItemAsync(items[0].Id)).LastError.ShouldBe("no space left");

        for (int left = 0; left < 2; left++)
        {
            await host.FailAsync(await host.ClaimAsync(items[0].Id), "no space left", ofSurroundings: true);
            host.Time.Advance(TimeSpan.FromMinutes(6));
        }

        (await host.ItemAsync(items[0].Id)).State.ShouldBe(ItemState.Poisoned);
    }

    [Fact]
    public async Task FailedItem_IsNotTriedAgainBeforeItsDelay()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("RetryDelay", "00:00:10"));
        (_, List<WorkItem> items) = await host.ArriveAtAsync("classifier");
        await host.FailAsync(await host.ClaimAsync(items[0].Id));

        await Should.ThrowAsync<InvalidOperationException>(() => host.ClaimAsync(items[0].Id));

        host.Time.Advance(TimeSpan.FromSeconds(11));
        (await host.ClaimAsync(items[0].Id)).Number.ShouldBe(2);
    }

    [Fact]
    public async Task ResultNamingBlobThatIsNotStored_FailsTheAttempt()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        ShardGenerated result = (ShardGenerated)await host.ComputeAsync(items[0], await host.ClaimAsync(items[0].Id));
        ObjectRef missing = result.Artifact with { Digest = Sha256Digest.Of([1, 2, 3]) };

        await host.DeliverAsync(result with { Artifact = missing });

        WorkItem item = await host.ItemAsync(items[0].Id);
        item.State.ShouldBe(ItemState.Pending);
        item.LastError.ShouldNotBeNull().ShouldContain(missing.Digest.Short);
        (await host.SamplesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Commit_WaitsForItsItemBeforeItTakesTheAttempt()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        AttemptRef attempt = await host.ClaimAsync(items[0].Id);
        object result = await host.ComputeAsync(items[0], attempt);

        Task commit = await host.ReadAsync(async database =>
        {
            await using var transaction = await database.Database.BeginTransactionAsync();
            await AttemptLedger.Held(database, attempt).ExecuteUpdateAsync(set => set.SetProperty(item => item.LastError, "held"));
            Task waiting = host.DeliverAsync(result);
            // Longer than PostgreSQL lets two wait before it looks whether they wait for one another: here the commit waits first, so this one would be refused below.
            await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(2)));
            waiting.IsCompleted.ShouldBeFalse();
            (await database.Attempts.Where(held => held.WorkItemId == attempt.ItemId).ExecuteUpdateAsync(set => set.SetProperty(held => held.Error, "held"))).ShouldBe(1);
            await transaction.CommitAsync();
            return waiting;
        });
        await commit;

        (await host.ItemAsync(attempt.ItemId)).State.ShouldBe(ItemState.Completed);
        (await host.AttemptsAsync(attempt.ItemId)).ShouldHaveSingleItem().Outcome.ShouldBe("committed");
    }

    [Fact]
    public async Task ReapAndResultAtOnce_NeverReopenACommittedItem()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder, null, ("AttemptLimit", "100"));
        (_, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        for (int round = 0; round < 8; round++)
        {
            foreach (WorkItem item in (await host.OpenAsync(items[0].RunId)).FindAll(open => open.RunStepId == items[0].RunStepId))
            {
                object result = await host.ComputeAsync(item, await host.ClaimAsync(item.Id));
                await Task.WhenAll(host.DeliverAsync(result), host.ReapAsync(everything: true));
                List<Attempt> attempts = await host.AttemptsAsync(item.Id);
                ItemState expected = attempts[^1].Outcome == "committed" ? ItemState.Completed : ItemState.Pending;
                (await host.ItemAsync(item.Id)).State.ShouldBe(expected);
                attempts[^1].Outcome.ShouldBeOneOf("committed", "lost");
            }
        }
    }
}
