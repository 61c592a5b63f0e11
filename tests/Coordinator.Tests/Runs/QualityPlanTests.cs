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

/// <summary>What is planned of a corpus's quality.</summary>
public sealed class QualityPlanTests() : CoordinatorContract(DatabaseProvider.Sqlite)
{
    private const string Label = "label: { kind: TrainLabelGenerator, preset: tiny64, steps: 20, segmentSteps: 20 }";
    private const string Classifier = "judge: { kind: TrainClassifier, size: 64, epochs: 5, drawsPerEpoch: 32 }";

    [Fact]
    public async Task AskedForAll_EverySampleIsMeasured_AndTheCorpusWhenItsShardsAreThere()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        string recipe = TestRecipe.Small.Replace("shardSize: 10", "shardSize: 10\n    quality: { corpusSamples: 20 }", StringComparison.Ordinal);
        int id = await host.SubmitAsync(recipe);
        RecipePlan plan = await host.ScopedAsync<RunSubmission, RecipePlan>(submission => submission.PlanAsync(recipe, "recipe.yaml", CancellationToken.None));
        plan.Steps.Single(step => step.Name == "corpus").Items.ShouldBe(5);

        Run run = await host.CompleteRunAsync(id);

        run.State.ShouldBe(RunState.Completed, run.Error);
        List<IWorkCommand> commands = await CommandsAsync(host, id);
        GenerateShard[] shards = [.. commands.OfType<GenerateShard>()];
        shards.Length.ShouldBe(3);
        shards.ShouldAllBe(shard => shard.Synthesis.Measures!.SequenceEqual(QualityMeasures.All) && shard.Judge == null);
        List<DatasetEntry> training = await LinesAsync(host, shards[0].Training!);
        training.ShouldAllBe(entry => entry.Split == Split.Train);
        MeasureCorpus measured = commands.OfType<MeasureCorpus>().ShouldHaveSingleItem();
        measured.Features.Digest.ShouldBe(shards[0].Classifier!.Digest, "the judge is the classifier whose CAMs condition the generator");
        (measured.Samples, measured.BatchSize).ShouldBe((20, 4));
        (await LinesAsync(host, measured.Corpus)).Select(entry => entry.Samples).ShouldBe([10, 10, 10]);
        List<DatasetEntry> compared = await LinesAsync(host, measured.Training);
        compared.ShouldBe(training.Where(entry => entry.Label != CategoryList.Amd.Background), "the corpus has no sample of the background");
        StepOutput output = run.Steps.Single(step => step.Name == "corpus").Output!;
        output.Quality.ShouldNotBeNull();
        output.Figures!.Kernel.ShouldBe(0.5);
        RunStep step = run.Steps.Single(candidate => candidate.Name == "corpus");
        (await host.ReadAsync(database => database.WorkItems.Where(item => item.RunStepId == step.Id).OrderBy(item => item.Ordinal).Select(item => item.Kind).ToListAsync()))
            .ShouldBe(["GenerateShard", "GenerateShard", "GenerateShard", "RenderContactSheet", "MeasureCorpus"]);
    }

    [Fact]
    public async Task AskedForNothing_NothingIsMeasured_AndWhatIsRejectedByIs()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        Run plain = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Small));
        Run strict = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Small.Replace("shardSize: 10", "shardSize: 10\n    reject: { fieldOfViewBelow: 0.8, labelFidelityBelow: 0 }", StringComparison.Ordinal)));

        (await CommandsAsync(host, plain.Id)).OfType<GenerateShard>().ShouldAllBe(shard => shard.Synthesis.Measures == null && shard.Training == null && shard.Judge == null);
        List<IWorkCommand> commands = await CommandsAsync(host, strict.Id);
        commands.OfType<GenerateShard>().ShouldAllBe(shard => shard.Synthesis.Measures!.SequenceEqual(new[] { QualityMeasures.LabelFidelity, QualityMeasures.FieldOfView }) && shard.Training == null);
        commands.OfType<MeasureCorpus>().ShouldBeEmpty();
        strict.Steps.Single(step => step.Name == "corpus").Output!.Figures.ShouldBeNull();
    }

    [Fact]
    public async Task LabelGenerator_IsJudgedByTheClassifierNamed_AndComparedInTheFeaturesNamed()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int id = await host.SubmitAsync(TestRecipe.Head + $$"""

              {{Label}}
              {{Classifier}}
              features: { kind: TrainClassifier, size: 64, epochs: 5, drawsPerEpoch: 32 }
              corpus: { kind: Synthesize, generator: label, samples: 20, shardSize: 10, judge: judge, reject: { labelFidelityBelow: 0.5 }, quality: { features: features } }
              plain: { kind: Synthesize, generator: label, samples: 10, quality: { corpusSamples: 0 } }
            """);

        Run run = await host.CompleteRunAsync(id);

        run.State.ShouldBe(RunState.Completed, run.Error);
        Sha256Digest Made(string step) => run.Steps.Single(candidate => candidate.Name == step).Output!.Checkpoint!.Digest;
        List<IWorkCommand> commands = await CommandsAsync(host, id);
        GenerateShard[] judged = [.. commands.OfType<GenerateShard>().Where(shard => shard.Order.Step == "corpus")];
        Sha256Digest judge = Made("judge");
        judged.ShouldAllBe(shard => shard.Judge!.Digest == judge && shard.Classifier == null && shard.Training != null);
        judged[0].Synthesis.Measures.ShouldBe([QualityMeasures.LabelFidelity, QualityMeasures.Sharpness, QualityMeasures.FieldOfView, QualityMeasures.NearestTrainingDistance]);
        commands.OfType<MeasureCorpus>().ShouldHaveSingleItem().Features.Digest.ShouldBe(Made("features"));
        commands.OfType<GenerateShard>().Single(shard => shard.Order.Step == "plain").Synthesis.Measures.ShouldBe([QualityMeasures.Sharpness, QualityMeasures.FieldOfView]);
    }

    private static async Task<List<IWorkCommand>> CommandsAsync(CoordinatorHost host, int runId) =>
        [.. (await host.ReadAsync(database => database.WorkItems.Where(item => item.RunId == runId).OrderBy(item => item.Id).ToListAsync())).Select(WorkCommands.Restore)];

    private static async Task<List<DatasetEntry>> LinesAsync(CoordinatorHost host, ObjectRef list) => await JsonLines.ReadAsync<DatasetEntry>(host.Objects, list, CancellationToken.None).ToListAsync();
}
