using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Attempts;
using Factory.GpuWorker.Tests.Reports;
using Factory.Storage.Objects;
using Factory.Synthesis.Networks;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.Time.Testing;
using static Factory.GpuWorker.Tests.Attempts.RunnerWork;

namespace Factory.GpuWorker.Tests.Attempts;

public sealed class AttemptRunnerTests
{
    [Fact]
    public async Task RefusedClaim_ComputesNothing()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport command = Command(worker);
        worker.Ledger.Refused.Add(command.Order.ItemId);
        bool computed = false;

        await Runner(worker).RunAsync(command, (_, attempt) =>
        {
            computed = true;
            return Task.FromResult(Result(attempt));
        });

        computed.ShouldBeFalse();
        worker.Ledger.Events.ShouldBe([$"claim {command.Order.ItemId}"]);
    }

    [Fact]
    public async Task Result_NamesTheClaimedAttempt()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport command = Command(worker);

        await Runner(worker).RunAsync(command, (_, attempt) => Task.FromResult(Result(attempt)));

        ReportRendered result = (await worker.Ledger.OutcomeOf(command.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReportRendered>();
        result.Attempt.ShouldBe(new() { ItemId = command.Order.ItemId, Number = 1 });
    }

    public static TheoryData<Exception, bool, bool> Faults => new()
    {
        { new IOException("the disk is full"), false, true },
        { new ObjectStoreUnavailableException("the bucket does not take writes: it is away", new IOException()), false, true },
        { new ObjectStoreRefusedException("the bucket is full: its quota is used up", new IOException()), false, true },
        { new ObjectMissingException(Blob.Digest), false, false },
        { new TaskCanceledException("a request of the store's timed out"), false, false },
        { new ObjectCorruptException(Blob.Digest, "it was cut"), true, false },
        { new CheckpointException("it has other tensors"), true, false },
        { new PermanentWorkException("no such device"), true, false },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Fault_IsToldWithWhetherItWillRecur(Exception fault, bool permanent, bool ofSurroundings)
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport command = Command(worker);

        Task attempt = Runner(worker).RunAsync<RenderReport, ReportRendered>(command, (_, _) => throw fault);

        AttemptFailed failed = (await worker.Ledger.OutcomeOf(command.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<AttemptFailed>();
        failed.Permanent.ShouldBe(permanent);
        failed.OfSurroundings.ShouldBe(ofSurroundings);
        failed.Error.ShouldBe(fault.Message);
        failed.Attempt.Number.ShouldBe(1);
        worker.Lifetime.StopApplication();
        await attempt.WaitAsync(Patience);
    }

    [Fact]
    public async Task WorkerWithoutADisk_RestsBetweenAttempts_LongerEachTime()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        foreach (int seconds in new[] { 5, 10, 20 })
        {
            RenderReport failing = Command(worker);
            Task attempt = Runner(worker).RunAsync<RenderReport, ReportRendered>(failing, (_, _) => throw new IOException("the disk is full"));
            await worker.Ledger.OutcomeOf(failing.Order.ItemId).WaitAsync(Patience);
            int waited = 0;
            for (; !attempt.IsCompleted; waited++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(1);
            }
            waited.ShouldBeGreaterThanOrEqualTo(seconds);
        }
        RenderReport done = Command(worker);

        await Runner(worker).RunAsync(done, (_, context) => Task.FromResult(Result(context))).WaitAsync(Patience);

        (await worker.Ledger.OutcomeOf(done.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReportRendered>("and works on when there is room");
    }

    [Fact]
    public async Task WorkerOfAnotherBuild_GivesTheItemToOthersAtOnce_AndRests()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        worker.Ledger.WrongWorker = true;
        RenderReport command = Command(worker);

        Task attempt = Runner(worker).RunAsync(command, (_, context) => Task.FromResult(Result(context)));

        (await worker.Harness.Published.SelectAsync<InvitationReturned>().First()).Context.Message.Pause.ShouldBe(TimeSpan.Zero);
        attempt.IsCompleted.ShouldBeFalse();
        for (; !attempt.IsCompleted; await Task.Delay(1)) time.Advance(TimeSpan.FromSeconds(1));
        worker.Ledger.Events.ShouldBe([$"claim {command.Order.ItemId}"]);
    }

    [Fact]
    public async Task CanceledRun_IsDroppedWithoutAWord_AndOthersGoOn()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport canceled = Command(worker, runId: 7), other = Command(worker, runId: 8);
        TaskCompletionSource begun = new();

        Task attempt = Runner(worker).RunAsync(canceled, (_, context) => EndlessAsync(context, begun));
        await begun.Task.WaitAsync(Patience);
        await worker.Harness.Bus.Publish(new RunCanceled { RunId = 6 });
        await worker.Harness.Bus.Publish(new RunCanceled { RunId = 7 });
        await attempt.WaitAsync(Patience);
        await Runner(worker).RunAsync(other, (_, context) => Task.FromResult(Result(context)));

        (await worker.Ledger.OutcomeOf(other.Order.ItemId).WaitAsync(Patience)).ShouldBeOfType<ReportRendered>();
        worker.Ledger.Events.Count(said => said.Contains($" {canceled.Order.ItemId}", StringComparison.Ordinal)).ShouldBe(1, "the claim, and nothing after it");
    }

    [Fact]
    public async Task StoppingWorker_GivesItsAttemptBack_AndClaimsNoOther()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport inWork = Command(worker), waiting = Command(worker);
        TaskCompletionSource begun = new();

        Task first = Runner(worker).RunAsync(inWork, (_, context) => EndlessAsync(context, begun));
        await begun.Task.WaitAsync(Patience);
        Task second = Runner(worker).RunAsync(waiting, (_, context) => Task.FromResult(Result(context)));
        worker.Lifetime.StopApplication();
        await Task.WhenAll(first, second).WaitAsync(Patience);

        worker.Ledger.Events.ShouldBe([$"claim {inWork.Order.ItemId}", $"ReturnAttempt {inWork.Order.ItemId}/1"]);
    }

    [Fact]
    public async Task LostLease_EndsTheAttemptWithoutAWord()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        RenderReport command = Command(worker);
        TaskCompletionSource begun = new();

        Task attempt = Runner(worker).RunAsync(command, (_, context) => EndlessAsync(context, begun));
        await begun.Task.WaitAsync(Patience);
        time.Advance(worker.Ledger.Lease * 2);
        await attempt.WaitAsync(Patience);

        worker.Ledger.Events.ShouldBe([$"claim {command.Order.ItemId}"]);
    }

    [Fact]
    public async Task SilentComputation_RenewsItsLease()
    {
        FakeTimeProvider time = new();
        await using TestWorker worker = await TestWorker.StartAsync(time);
        RenderReport command = Command(worker);
        TaskCompletionSource begun = new(), end = new();

        Task attempt = Runner(worker).RunAsync(command, async (_, context) =>
        {
            begun.SetResult();
            await end.Task;
            return Result(context);
        });
        await begun.Task.WaitAsync(Patience);
        time.Advance(worker.Ledger.Lease / 3);

        IPublishedMessage<AttemptProgressed> beat = await worker.Harness.Published.SelectAsync<AttemptProgressed>().First();
        beat.Context.Message.Attempt.ItemId.ShouldBe(command.Order.ItemId);
        end.SetResult();
        await attempt.WaitAsync(Patience);
    }

    [Fact]
    public async Task WaitingInvitation_IsNotClaimedBeforeTheDeviceIsFree()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        RenderReport first = Command(worker), second = Command(worker);
        TaskCompletionSource begun = new(), end = new();

        Task one = Runner(worker).RunAsync(first, async (_, context) =>
        {
            begun.SetResult();
            await end.Task;
            worker.Ledger.Events.Enqueue("computed");
            return Result(context);
        });
        await begun.Task.WaitAsync(Patience);
        Task two = Runner(worker).RunAsync(second, (_, context) => Task.FromResult(Result(context)));
        // A claim of somebody else, answered: one of the second item would have been answered before it.
        await worker.Harness.Bus.CreateRequestClient<ClaimAttempt>().GetResponse<AttemptGranted>(new ClaimAttempt { ItemId = 1, Worker = "another" });
        end.SetResult();
        await Task.WhenAll(one, two).WaitAsync(Patience);

        List<string> events = [.. worker.Ledger.Events];
        events.IndexOf($"claim {second.Order.ItemId}").ShouldBeGreaterThan(events.IndexOf("computed"));
    }

    [Fact]
    public async Task SecondDelivery_IsRefused_AndChangesNothing()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new SampleRun().Content() with { Steps = [] }, ContractJson.Options);
        RenderReport command = Command(worker, content: await worker.Objects.PutAsync(content, MediaTypes.Json, CancellationToken.None));

        ReportRendered result = await worker.DoAsync<ReportRendered>(command);
        await worker.SendAsync(command);
        await worker.Harness.InactivityTask;

        worker.Ledger.Events.Count(said => said == $"claim {command.Order.ItemId}").ShouldBe(2);
        worker.Ledger.Events.Count(said => said.StartsWith("ReportRendered", StringComparison.Ordinal)).ShouldBe(1);
        (await worker.Objects.ReadAsync(result.Artifact, CancellationToken.None)).Length.ShouldBeGreaterThan(0);
        (await worker.Harness.Published.Any<Fault>(CancellationToken.None)).ShouldBeFalse();
    }
}
