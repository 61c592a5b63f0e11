using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Workers;

public sealed class WorkerRegistryTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SignOfLife_IsListedWithWhatTheWorkerDoesAndTheSkewOfItsClock()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        (int runId, List<WorkItem> items) = await host.ArriveAtAsync("corpus");
        await host.ClaimAsync(items[1].Id);

        await host.DeliverAsync(Seen(host, "by hand", late: 3));
        host.Time.Advance(TimeSpan.FromSeconds(7));

        WorkerStatus worker = (await ListAsync(host)).ShouldHaveSingleItem();
        worker.Name.ShouldBe("by hand");
        worker.Doing.ShouldBe(new() { RunId = runId, Step = "corpus", ItemId = items[1].Id, Ordinal = items[1].Ordinal, Attempt = 1 });
        worker.SkewSeconds.ShouldBe(3, 0.001);
        worker.SecondsAgo.ShouldBe(7, 0.001);
        worker.DeviceBytes.ShouldBe(80L << 30);
        worker.Checkpoints.ShouldBe([Sha256Digest.Of("generator"u8)]);
        worker.Stopped.ShouldBeFalse();
        await host.CompleteAsync(items[0]);
        await host.ReapAsync(everything: true);
        (await ListAsync(host)).ShouldHaveSingleItem().Doing.ShouldBeNull("the attempt is over, whatever the worker said last");
    }

    [Fact]
    public async Task EarlierSignThatComesLate_ChangesNothing()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        WorkerSeen early = Seen(host, "gpu-1"), last = early with { SentAt = early.SentAt.AddSeconds(1), Stopped = true };

        await host.DeliverAsync(last);
        await host.DeliverAsync(early);

        (await ListAsync(host)).ShouldHaveSingleItem().Stopped.ShouldBeTrue();
    }

    [Fact]
    public async Task EachWorkerHasOneRow_HoweverOftenItSpeaks()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        for (int sign = 0; sign < 5; sign++)
        {
            await Task.WhenAll(host.DeliverAsync(Seen(host, "a")), host.DeliverAsync(Seen(host, "b")), host.DeliverAsync(Seen(host, "b")));
            host.Time.Advance(TimeSpan.FromSeconds(10));
        }

        (await ListAsync(host)).Select(worker => worker.Name).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task WorkerSilentForADay_IsForgotten()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);
        await host.DeliverAsync(Seen(host, "gone"));
        host.Time.Advance(TimeSpan.FromHours(25));

        (await ListAsync(host)).ShouldBeEmpty();
        await host.DeliverAsync(Seen(host, "new"));

        (await host.ReadAsync(database => database.Workers.Select(worker => worker.Name).ToListAsync())).ShouldBe(["new"], "its row goes when a new name comes");
    }

    [Fact]
    public async Task Coordinator_SaysItsBuild()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(_folder);

        (await GetAsync<CoordinatorVersion>(host, Routes.Version)).Build.ShouldBe(FactoryBuild.Current);
    }

    private static WorkerSeen Seen(CoordinatorHost host, string name, double late = 0) => new()
    {
        Worker = name,
        Build = "0.1.0",
        Device = "cuda",
        DeviceName = "a large one",
        DeviceBytes = 80L << 30,
        Checkpoints = [Sha256Digest.Of("generator"u8)],
        StartedAt = host.Time.GetUtcNow().UtcDateTime,
        SentAt = host.Time.GetUtcNow().UtcDateTime.AddSeconds(-late),
    };

    private static Task<List<WorkerStatus>> ListAsync(CoordinatorHost host) => GetAsync<List<WorkerStatus>>(host, Routes.Workers);

    private static async Task<T> GetAsync<T>(CoordinatorHost host, string path)
    {
        using HttpClient http = new() { BaseAddress = host.Url };
        return (await http.GetFromJsonAsync<T>(path, ContractJson.Options))!;
    }
}
