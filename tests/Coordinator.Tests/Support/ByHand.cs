using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Runs.Attempts;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Support;

/// <summary>The dispatcher's and the worker's part, one move at a time.</summary>
internal static class ByHand
{
    public static Task AdvanceAsync(this CoordinatorHost host, int runId) => host.Service<RunAdvance>().AdvanceAsync(runId, CancellationToken.None);

    public static Task ReapAsync(this CoordinatorHost host, bool everything = false) => host.Service<AttemptLedger>().ReapAsync(everything, CancellationToken.None);

    /// <summary>Registers the usual collection and submits the usual recipe.</summary>
    public static async Task<int> SubmitSmallAsync(this CoordinatorHost host)
    {
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        return await host.SubmitAsync(TestRecipe.Small);
    }

    /// <summary>Submits the usual run and does everything before the named step; returns the run and the step's open items.</summary>
    public static async Task<(int RunId, List<WorkItem> Items)> ArriveAtAsync(this CoordinatorHost host, string step)
    {
        int runId = await host.SubmitSmallAsync();
        while (true)
        {
            await host.AdvanceAsync(runId);
            List<WorkItem> open = await host.OpenAsync(runId);
            List<WorkItem> wanted = open.FindAll(item => item.RunStep.Name == step);
            if (wanted.Count > 0) return (runId, wanted);
            open.ShouldNotBeEmpty($"the run ends without {step}");
            await host.CompleteAsync(open[0]);
        }
    }

    /// <summary>As <see cref="ArriveAtAsync"/>, at a corpus of thirty shards.</summary>
    public static async Task<(int RunId, List<WorkItem> Items)> ArriveAtManyShardsAsync(this CoordinatorHost host)
    {
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await host.SubmitAsync(TestRecipe.Small.Replace("samples: 30", "samples: 300", StringComparison.Ordinal));
        while (true)
        {
            await host.AdvanceAsync(runId);
            List<WorkItem> open = await host.OpenAsync(runId);
            if (open.FindAll(item => item.Kind == nameof(GenerateShard)) is { Count: > 0 } shards) return (runId, shards);
            foreach (WorkItem item in open) await host.CompleteAsync(item);
        }
    }

    /// <summary>Does everything there is left to do.</summary>
    public static async Task<Run> CompleteRunAsync(this CoordinatorHost host, int runId)
    {
        await host.AdvanceAsync(runId);
        for (List<WorkItem> open = await host.OpenAsync(runId); open.Count > 0; open = await host.OpenAsync(runId))
        {
            foreach (WorkItem item in open) await host.CompleteAsync(item);
            await host.AdvanceAsync(runId);
        }
        return await host.RunAsync(runId);
    }

    public static Task<List<WorkItem>> OpenAsync(this CoordinatorHost host, int runId) => host.ReadAsync(database => database.WorkItems.AsNoTracking()
        .Include(item => item.RunStep).Where(item => item.RunId == runId && (item.State == ItemState.Pending || item.State == ItemState.Invited))
        .OrderBy(item => item.Id).ToListAsync());

    public static async Task<AttemptRef> ClaimAsync(this CoordinatorHost host, long itemId)
    {
        ClaimAnswer answer = await host.Service<AttemptClaims>().ClaimAsync(new() { ItemId = itemId, Worker = "by hand" });
        return answer.Attempt ?? throw new InvalidOperationException(answer.Refusal);
    }

    /// <summary>The result that an honest worker reports of an attempt.</summary>
    public static Task<object> ComputeAsync(this CoordinatorHost host, WorkItem item, AttemptRef attempt) =>
        FakeWorker.ComputeAsync(host.Objects, WorkCommands.Restore(item), attempt);

    public static async Task CompleteAsync(this CoordinatorHost host, WorkItem item) =>
        await host.DeliverAsync(await host.ComputeAsync(item, await host.ClaimAsync(item.Id)));

    public static Task FailAsync(this CoordinatorHost host, AttemptRef attempt, string error = "out of memory", bool permanent = false, bool ofSurroundings = false) =>
        host.DeliverAsync(new AttemptFailed { Attempt = attempt, Error = error, Permanent = permanent, OfSurroundings = ofSurroundings });

    public static Task<int> SamplesAsync(this CoordinatorHost host) => host.ReadAsync(database => database.Samples.CountAsync());

    public static Task<List<Attempt>> AttemptsAsync(this CoordinatorHost host, long itemId) => host.ReadAsync(database => database.Attempts.AsNoTracking()
        .Where(attempt => attempt.WorkItemId == itemId).OrderBy(attempt => attempt.Number).ToListAsync());
}
