using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class TrialTests() : TrialContract(DatabaseProvider.Sqlite);

public sealed class TrialTestsOnPostgres() : TrialContract(DatabaseProvider.PostgreSql);

public abstract class TrialContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    private const string Steps = """

          scout: { kind: TrainClassifier, size: 64, epochs: 1, drawsPerEpoch: 8 }
          baseline: { kind: TrainClassifier, size: 64, epochs: 5, drawsPerEpoch: 32, segmentSteps: 10 }
          tuned: { kind: FineTune, from: baseline, epochs: 1, drawsPerEpoch: 8 }
          scores: { kind: Evaluate, models: [baseline, tuned], baseline: tuned }
        """;

    [Fact]
    public async Task EachTrial_IsAChainOfItsOwn_AndTheFirstIsThatOfARecipeWithoutTrials()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));

        Run plain = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Head + Steps));
        Run run = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Head.Replace("steps:", "trials: 2\nsteps:", StringComparison.Ordinal) + Steps));

        (plain.State, run.State).ShouldBe((RunState.Completed, RunState.Completed), run.Error);
        run.Steps.OrderBy(step => step.Ordinal).Select(step => step.Name).ShouldBe(["scout", "baseline", "baseline.trial2", "tuned", "tuned.trial2", "scores", "report"]);
        ILookup<string, TrainClassifierSegment> alone = await SegmentsAsync(host, plain), several = await SegmentsAsync(host, run);
        foreach (string step in alone.Select(segments => segments.Key)) several[step].Select(Spec).ShouldBe(alone[step].Select(Spec));
        several["baseline.trial2"].Count().ShouldBe(several["baseline"].Count());
        several["baseline.trial2"].Select(segment => segment.Training.Seed).Distinct().ShouldHaveSingleItem().ShouldNotBe(several["baseline"].First().Training.Seed);
        several["baseline.trial2"].First().Dataset.ShouldBe(several["baseline"].First().Dataset);
        several["tuned.trial2"].Single().Initial!.Digest.ShouldBe(Output(run, "baseline.trial2").Checkpoint!.Digest);
    }

    [Fact]
    public async Task Evaluation_JudgesEveryTrial_AndNamesSubjectsByNumber()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));

        Run run = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Head.Replace("steps:", "trials: 2\nsteps:", StringComparison.Ordinal) + Steps));

        WorkItem item = await host.ReadAsync(database => database.WorkItems.SingleAsync(candidate => candidate.Kind == nameof(EvaluateModels)));
        EvaluateModels evaluation = (EvaluateModels)WorkCommands.Restore(item);
        evaluation.Models.Select(model => (model.Name, model.Trial)).ShouldBe([("baseline", null), ("baseline", 2), ("tuned", null), ("tuned", 2)]);
        evaluation.Models.Select(model => model.Checkpoint.Digest).ShouldBe(
            new[] { "baseline", "baseline.trial2", "tuned", "tuned.trial2" }.Select(step => Output(run, step).Checkpoint!.Digest));
        evaluation.Baseline.ShouldBe("tuned");
        (await JsonLines.ReadAsync<DatasetEntry>(host.Objects, evaluation.Dataset, CancellationToken.None).ToListAsync()).ShouldAllBe(entry => entry.Subject != null);
        (await host.ReadAsync(database => database.Checkpoints.Select(checkpoint => checkpoint.Name).ToListAsync()))
            .ShouldBe(["small-1-scout", "small-1-baseline", "small-1-baseline.trial2", "small-1-tuned", "small-1-tuned.trial2"], ignoreOrder: true);
    }

    // What is computed, without who asked, and without what came before: that has its own run's digest.
    private static string Spec(TrainClassifierSegment segment) => JsonSerializer.Serialize(
        segment with { Order = new() { RunId = 0, ItemId = 0, Step = "", Numerics = segment.Order.Numerics }, Initial = null, Resume = null }, ContractJson.Options);

    private static async Task<ILookup<string, TrainClassifierSegment>> SegmentsAsync(CoordinatorHost host, Run run)
    {
        List<WorkItem> items = await host.ReadAsync(database => database.WorkItems.Include(item => item.RunStep).Where(item => item.RunId == run.Id).OrderBy(item => item.Ordinal).ToListAsync());
        return items.Select(WorkCommands.Restore).OfType<TrainClassifierSegment>().ToLookup(segment => segment.Order.Step);
    }

    private static Contracts.Api.StepOutput Output(Run run, string step) => run.Steps.Single(candidate => candidate.Name == step).Output.ShouldNotBeNull();
}
