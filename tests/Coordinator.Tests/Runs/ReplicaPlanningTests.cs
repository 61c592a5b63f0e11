using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class ReplicaPlanningTests() : ReplicaPlanningContract(DatabaseProvider.Sqlite);

public sealed class ReplicaPlanningTestsOnPostgres() : ReplicaPlanningContract(DatabaseProvider.PostgreSql);

public abstract class ReplicaPlanningContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    /// <summary>Twenty-five steps: rounds of ten, ten and five.</summary>
    private const string Rounds = TestRecipe.Head + """

          classifier: { kind: TrainClassifier, size: 64, epochs: 5, drawsPerEpoch: 40, replicas: 2, roundSteps: 10, averaging: nesterov }
          scores: { kind: Evaluate, models: [classifier] }
        """;

    [Fact]
    public async Task Rounds_AreSegmentsOfEveryReplica_AndAnAveraging_EachFromTheRoundBefore()
    {
        await using CoordinatorHost host = await StartAsync();
        int id = await host.SubmitAsync(Rounds);
        Run run = await host.CompleteRunAsync(id);

        run.State.ShouldBe(RunState.Completed, run.Error);
        List<WorkItem> items = await ItemsAsync(host, id);
        items.Select(item => item.Kind).ShouldBe(Enumerable.Repeat(new[] { nameof(TrainReplicaSegment), nameof(TrainReplicaSegment), nameof(AverageCheckpoints) }, 3).SelectMany(kind => kind));
        items.Select(item => item.Units).ShouldBe([5, 5, 0, 5, 5, 0, 3, 2, 0]);
        List<IWorkCommand> commands = items.ConvertAll(WorkCommands.Restore);
        TrainReplicaSegment[] segments = [.. commands.OfType<TrainReplicaSegment>()];
        AverageCheckpoints[] averages = [.. commands.OfType<AverageCheckpoints>()];
        segments.Select(segment => (segment.Round, segment.Replica, segment.Steps)).ShouldBe([(0, 0, 5), (0, 1, 5), (1, 0, 5), (1, 1, 5), (2, 0, 3), (2, 1, 2)]);
        segments.Select(segment => segment.Dataset).Concat(averages.Select(average => average.Dataset)).Distinct().ShouldHaveSingleItem();
        segments.Take(2).ShouldAllBe(segment => segment.Average == null && segment.Resume == null);
        averages[0].Resume.ShouldBeNull();
        averages[0].Rounds.ShouldBe(new() { Replicas = 2, RoundSteps = 10, Averaging = RoundAveraging.Nesterov, OuterLearningRate = 0.7, OuterMomentum = 0.9 });
        for (int round = 0; round < 3; round++)
        {
            averages[round].Round.ShouldBe(round);
            averages[round].Replicas.Select(replica => replica.Digest).ShouldBe(items.Skip(round * 3).Take(2).Select(item => item.Artifact!.Value));
            if (round == 0) continue;
            Sha256Digest averaged = items[(round * 3) - 1].Artifact!.Value;
            averages[round].Resume!.Digest.ShouldBe(averaged);
            foreach (int replica in new[] { 0, 1 })
            {
                segments[(2 * round) + replica].Average!.Digest.ShouldBe(averaged);
                segments[(2 * round) + replica].Resume.ShouldBe(averages[round - 1].Replicas[replica]);
            }
        }
        StepOutput output = run.Steps.Single(step => step.Name == "classifier").Output.ShouldNotBeNull();
        output.Checkpoint!.Digest.ShouldBe(items[^1].Artifact!.Value);
        Checkpoint registered = await host.ReadAsync(database => database.Checkpoints.SingleAsync(checkpoint => checkpoint.Step == "classifier"));
        (registered.Kind, registered.Architecture, registered.WorkItemId).ShouldBe(("classifier", "resnet18-w64-s32", items[^1].Id));
    }

    [Fact]
    public async Task Replicas_WorkAtOnce_InAnyOrder_AndNothingIsAveragedBeforeTheLast()
    {
        await using CoordinatorHost host = await StartAsync();
        int first = await host.SubmitAsync(Rounds), second = await host.SubmitAsync(Rounds.Replace("name: small", "name: again", StringComparison.Ordinal));
        await host.CompleteRunAsync(first);
        await host.AdvanceAsync(second);
        for (int round = 0; round < 3; round++)
        {
            List<WorkItem> open = await host.OpenAsync(second);
            open.Count.ShouldBe(2);
            await host.CompleteAsync(open[1]);
            await host.AdvanceAsync(second);
            (await host.OpenAsync(second)).ShouldHaveSingleItem().Id.ShouldBe(open[0].Id);
            await host.CompleteAsync(open[0]);
            await host.AdvanceAsync(second);
            await host.CompleteAsync((await host.OpenAsync(second)).ShouldHaveSingleItem());
            await host.AdvanceAsync(second);
        }
        (await ItemsAsync(host, second)).Select(item => item.Artifact).ShouldBe((await ItemsAsync(host, first)).Select(item => item.Artifact));
    }

    [Fact]
    public async Task OneReplica_IsTheChainOfSegmentsItWas()
    {
        const string Plain = TestRecipe.Head + "\n  classifier: { kind: TrainClassifier, size: 64, epochs: 5, drawsPerEpoch: 32, segmentSteps: 10 }";
        await using CoordinatorHost host = await StartAsync();
        Run before = await host.CompleteRunAsync(await host.SubmitAsync(Plain));
        Run after = await host.CompleteRunAsync(await host.SubmitAsync(Plain.Replace("segmentSteps: 10", "segmentSteps: 10, replicas: 1", StringComparison.Ordinal)));

        after.RecipeDigest.ShouldBe(before.RecipeDigest);
        List<WorkItem> items = await ItemsAsync(host, after.Id);
        items.ShouldAllBe(item => item.Kind == nameof(TrainClassifierSegment));
        items.ShouldAllBe(item => !item.Spec.Contains("replica", StringComparison.OrdinalIgnoreCase) && !item.Spec.Contains("\"round", StringComparison.OrdinalIgnoreCase));
        items.Select(item => item.Artifact).ShouldBe((await ItemsAsync(host, before.Id)).Select(item => item.Artifact));
    }

    [Fact]
    public async Task Show_SaysWhichRound()
    {
        await using CoordinatorHost host = await StartAsync();
        int id = await host.SubmitAsync(Rounds);
        await host.AdvanceAsync(id);
        (await NoteAsync()).ShouldBe("round 1 of 3, 2 replicas");
        foreach (WorkItem item in await host.OpenAsync(id)) await host.CompleteAsync(item);
        await host.AdvanceAsync(id);
        (await NoteAsync()).ShouldBe("round 1 of 3, 2 replicas");
        foreach (WorkItem item in await host.OpenAsync(id)) await host.CompleteAsync(item);
        await host.AdvanceAsync(id);
        (await NoteAsync()).ShouldBe("round 2 of 3, 2 replicas");
        await host.CompleteRunAsync(id);
        (await NoteAsync()).ShouldBe("3 rounds of 2 replicas");

        async Task<string?> NoteAsync() => (await host.Service<RunSnapshots>().TakeAsync(null, id, CancellationToken.None)).Steps.Single(step => step.Name == "classifier").Note;
    }

    [Fact]
    public async Task MoreReplicasThanACategoryHas_AreRefused_BeforeWorkAndOnceTheCorpusIsKnown()
    {
        await using CoordinatorHost host = await StartAsync();
        RefusedException refused = await Should.ThrowAsync<RefusedException>(() => host.SubmitAsync(TestRecipe.Head + "\n  many: { kind: TrainClassifier, size: 64, replicas: 50 }"));
        refused.Message.ShouldMatch("^steps.many.replicas: is 50, but there are [0-9]+ Cfp images of Normal to train on in collection eyes@1, and every replica needs some of its own; use at most [0-9]+.$");

        Run run = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Small + "\n  pretrained: { kind: Pretrain, corpus: corpus, size: 64, replicas: 20, roundSteps: 20 }"));
        run.State.ShouldBe(RunState.Faulted);
        run.Error.ShouldNotBeNull().ShouldContain("step pretrained: steps.pretrained.replicas: is 20, but there are");
        run.Error.ShouldContain("in corpus corpus");
    }

    [Fact]
    public async Task Plan_CountsSegmentsAndAveragings()
    {
        await using CoordinatorHost host = await StartAsync();
        int id = await host.SubmitAsync(Rounds);
        Run run = await host.CompleteRunAsync(id);
        ClassifierTrainingStep step = run.Recipe.Steps.OfType<ClassifierTrainingStep>().Single();
        PlannedStep planned = Coordinator.Runs.Plans.PlanEstimate.Of(step, 8, 8);
        (planned.Items, planned.Units, planned.ItemUnits).ShouldBe(((await ItemsAsync(host, id)).Count, 25, 5));
    }

    private async Task<CoordinatorHost> StartAsync()
    {
        CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        return host;
    }

    private static Task<List<WorkItem>> ItemsAsync(CoordinatorHost host, int run) => host.ReadAsync(database =>
        database.WorkItems.AsNoTracking().Where(item => item.RunId == run && item.RunStep.Name == "classifier").OrderBy(item => item.Ordinal).ToListAsync());
}
