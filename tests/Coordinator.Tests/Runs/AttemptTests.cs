using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;

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
