using System.Diagnostics;
using System.Net.Http.Json;
using Factory.Contracts;
using Factory.Contracts.Api;
using Factory.Contracts.Work;
using Factory.Coordinator.Runs;
using Factory.Coordinator.Tests.Support;
using Factory.Storage.Manifests;
using Factory.Storage.Objects;
using Factory.Storage.Provenance;
using Microsoft.EntityFrameworkCore;

namespace Factory.Coordinator.Tests.Runs;

public sealed class PlanningTests() : PlanningContract(DatabaseProvider.Sqlite);

public sealed class PlanningTestsOnPostgres() : PlanningContract(DatabaseProvider.PostgreSql);

public abstract class PlanningContract(DatabaseProvider provider) : CoordinatorContract(provider)
{
    [Fact]
    public async Task SecondRunWithSameClassifier_ComputesNoCamAgain()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.CompleteRunAsync(await host.SubmitSmallAsync());

        int second = await host.SubmitAsync(TestRecipe.Head + """

              cams:
                kind: ComputeCams
                classifier: checkpoint:small-1-classifier
              generator:
                kind: TrainGenerator
                cams: cams
                preset: tiny64
                steps: 10
            """);
        Run run = await host.CompleteRunAsync(second);

        run.State.ShouldBe(RunState.Completed, run.Error);
        (await host.ReadAsync(database => database.WorkItems.CountAsync(item => item.RunId == second && item.Kind == "ComputeCamBlock"))).ShouldBe(0);
        Run first = await host.RunAsync(1);
        Output(run, "cams").Sources.ShouldBe(Output(first, "cams").Sources);
    }

    [Fact]
    public async Task StageTwo_TakesOverStageOne_AndKeepsPreviewsOfEverySegment()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.CompleteRunAsync(await host.SubmitSmallAsync());

        int second = await host.SubmitAsync(TestRecipe.Head + """

              cams: { kind: ComputeCams, classifier: checkpoint:small-1-classifier }
              stage1: { kind: TrainGenerator, cams: cams, preset: tiny64, steps: 10 }
              stage2: { kind: TrainGenerator, cams: cams, preset: local128, from: stage1, steps: 20, segmentSteps: 10, previewSteps: 10 }
              again: { kind: TrainGenerator, cams: cams, preset: local128, from: checkpoint:small-1-generator, steps: 10 }
            """);
        Run run = await host.CompleteRunAsync(second);

        run.State.ShouldBe(RunState.Completed, run.Error);
        Output(run, "stage1").Previews.ShouldBeNull();
        Output(run, "stage2").Previews!.Select(preview => preview.Step).ShouldBe([10, 20]);
        List<WorkItem> segments = await host.ReadAsync(database => database.WorkItems.Where(item => item.RunId == second && item.Kind == "TrainGeneratorSegment").OrderBy(item => item.Id).ToListAsync());
        segments.Select(item => ((TrainGeneratorSegment)WorkCommands.Restore(item)).Stage1?.Digest).OfType<Sha256Digest>().ToHashSet()
            .ShouldBe([Output(run, "stage1").Checkpoint!.Digest, Output(await host.RunAsync(1), "generator").Checkpoint!.Digest], ignoreOrder: true);
    }

    [Fact]
    public async Task LabelGenerator_MakesACorpusWithoutSources_ThatIsLearnedFromLikeAnyOther()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int id = await host.SubmitAsync(TestRecipe.Head + """

              label: { kind: TrainLabelGenerator, preset: tiny64, steps: 25, segmentSteps: 10 }
              corpus: { kind: Synthesize, generator: label, samples: 30, shardSize: 10, background: synthesize }
              pretrained: { kind: Pretrain, corpus: corpus, size: 64 }
            """);
        Run run = await host.CompleteRunAsync(id);

        run.State.ShouldBe(RunState.Completed, run.Error);
        (await host.ReadAsync(database => database.WorkItems.CountAsync(item => item.Kind == nameof(TrainLabelGeneratorSegment)))).ShouldBe(3);
        List<Sample> samples = await host.ReadAsync(database => database.Samples.AsNoTracking().ToListAsync());
        samples.Count.ShouldBe(30);
        samples.ShouldAllBe(sample => sample.SourceImageId == null && sample.PartnerImageId == null && sample.Manipulation == "none");
        Output(run, "corpus").Samples!.ShouldAllBe(count => count >= 30 / 4);
        CorpusManifest manifest = CorpusManifest.Read(await host.Objects.ReadAsync(Output(run, "corpus").Manifest!, CancellationToken.None), "manifest.json");
        (manifest.Classifier, manifest.Generator).ShouldBe((null, Output(run, "label").Checkpoint!.Digest));
        Checkpoint checkpoint = await host.ReadAsync(database => database.Checkpoints.SingleAsync(row => row.Step == "label"));
        (checkpoint.Kind, checkpoint.Architecture, checkpoint.Size, checkpoint.Classifier).ShouldBe(("label-generator", "label-tiny64", 64, null));
        using HttpClient http = new() { BaseAddress = host.Url };
        SampleExplanation explained = (await http.GetFromJsonAsync<SampleExplanation>(Routes.Sample.Replace("{key}", samples[0].Key, StringComparison.Ordinal), ContractJson.Options))!;
        (explained.Source, explained.Classifier, explained.Generator, explained.Seed).ShouldBe((null, null, checkpoint.Digest, samples[0].Seed));

        Run second = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Head + """

              again: { kind: Synthesize, generator: 'checkpoint:small-1-label', samples: 4 }
            """));
        second.State.ShouldBe(RunState.Completed, second.Error);
        Output(second, "again").Samples!.Sum().ShouldBe(4);
    }

    [Fact]
    public async Task NewImagesOfSameClassifier_AreTheOnlyOnesComputed()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.CompleteRunAsync(await host.SubmitSmallAsync());
        await host.RegisterAsync(await TestCollection.MakeAsync(host, subjects: 24));

        int second = await host.SubmitAsync(TestRecipe.Head + "\n  cams: { kind: ComputeCams, classifier: 'checkpoint:small-1-classifier', blockSize: 1 }");
        await host.CompleteRunAsync(second);

        (await host.ReadAsync(database => database.WorkItems.CountAsync(item => item.RunId == second && item.Kind == "ComputeCamBlock"))).ShouldBe(4);
    }

    [Fact]
    public async Task TwoStreams_GetImagesOfBothModalities_AndNumbersForEyes()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakePairsAsync(host));

        Run run = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Head + """

              cfp: { kind: TrainClassifier, size: 64, epochs: 1, drawsPerEpoch: 8 }
              oct: { kind: TrainClassifier, size: 64, epochs: 1, drawsPerEpoch: 8, modality: oct }
              strict: { kind: TrainClassifier, size: 64, epochs: 1, drawsPerEpoch: 8, modality: both, pairing: strict }
              tuned: { kind: FineTune, from: strict, epochs: 1, drawsPerEpoch: 8 }
              scores: { kind: Evaluate, models: [cfp, oct, tuned] }
            """));

        run.State.ShouldBe(RunState.Completed, run.Error);
        List<WorkItem> items = await host.ReadAsync(database => database.WorkItems.Include(item => item.RunStep).Where(item => item.RunId == run.Id).OrderBy(item => item.Id).ToListAsync());
        TrainClassifierSegment[] trained = [.. items.Select(WorkCommands.Restore).OfType<TrainClassifierSegment>()];
        trained.GroupBy(segment => segment.Order.Step).ToDictionary(step => step.Key, step => step.First().Training.Pairing)
            .ShouldBe(new Dictionary<string, Pairing?> { ["cfp"] = null, ["oct"] = null, ["strict"] = Pairing.Strict, ["tuned"] = Pairing.Loose }, ignoreOrder: true);
        List<DatasetEntry> pairs = await LinesAsync(host, trained.First(segment => segment.Order.Step == "strict").Dataset);
        pairs.Count.ShouldBe(3 * 12, "eight eyes to train on and four to validate on, each with three images");
        pairs.GroupBy(entry => (entry.Split, entry.Eye)).ShouldAllBe(eye => eye.Count(image => image.Modality == Modality.Cfp) == 1 && eye.Count(image => image.Modality == Modality.Oct) == 2);
        (await LinesAsync(host, trained.First(segment => segment.Order.Step == "oct").Dataset)).ShouldAllBe(entry => entry.Modality == null && entry.Eye == null && entry.Source == null);
        EvaluateModels evaluation = items.Select(WorkCommands.Restore).OfType<EvaluateModels>().ShouldHaveSingleItem();
        evaluation.Paired.ShouldBeTrue();
        evaluation.Models.Select(model => model.Modality).ShouldBe([Modality.Cfp, Modality.Oct, null]);
        items.Single(item => item.RunStep.Name == "scores").Units.ShouldBe(3 * 8);
        (await LinesAsync(host, evaluation.Dataset)).ShouldAllBe(entry => entry.Source != null);
        (await host.ReadAsync(database => database.Checkpoints.Where(checkpoint => checkpoint.Step == "tuned").Select(checkpoint => new { checkpoint.Kind, checkpoint.Architecture }).SingleAsync()))
            .ShouldBe(new { Kind = CheckpointKinds.TwoStream, Architecture = "two-stream-resnet18-w64-s32" });
    }

    [Fact]
    public async Task TwoRunsOfOneRecipe_SealTheSameManifest()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        Run first = await host.CompleteRunAsync(await host.SubmitSmallAsync());
        host.Time.Advance(TimeSpan.FromDays(3));

        Run second = await host.CompleteRunAsync(await host.SubmitAsync(TestRecipe.Small));

        second.Id.ShouldNotBe(first.Id);
        Output(second, "corpus").Manifest.ShouldBe(Output(first, "corpus").Manifest);
        (await host.ReadAsync(database => database.Samples.CountAsync())).ShouldBe(60, "provenance is of each run");
    }

    [Fact]
    public async Task MillionSamples_ArePlannedAsAThousandItemsSoon()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await host.SubmitAsync(TestRecipe.Small
            .Replace("samples: 30", "samples: 1000000", StringComparison.Ordinal).Replace("shardSize: 10", "shardSize: 1000", StringComparison.Ordinal));
        Run run = await host.RunAsync(runId);
        while (run.Steps.Single(step => step.Name == "generator").State != StepState.Running)
        {
            await host.AdvanceAsync(runId);
            foreach (WorkItem item in (await host.OpenAsync(runId)).FindAll(item => item.RunStep.Name != "generator")) await host.CompleteAsync(item);
            run = await host.RunAsync(runId);
        }
        await host.CompleteAsync((await host.OpenAsync(runId)).ShouldHaveSingleItem());
        long allocated = GC.GetTotalMemory(forceFullCollection: true), begun = Stopwatch.GetTimestamp();

        await host.AdvanceAsync(runId);

        Stopwatch.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        (GC.GetTotalMemory(forceFullCollection: true) - allocated).ShouldBeLessThan(64 << 20);
        (await host.ReadAsync(database => database.WorkItems.CountAsync(item => item.RunId == runId && item.Kind == "GenerateShard"))).ShouldBe(1000);
        (await host.ReadAsync(database => database.WorkItems.Where(item => item.RunId == runId && item.Kind == "GenerateShard").SumAsync(item => item.Units))).ShouldBe(1_000_000);
    }

    [Fact]
    public async Task StepThatTurnsOutImpossible_FaultsTheRunWithItsReason()
    {
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(Folder);
        await host.RegisterAsync(await TestCollection.MakeAsync(host));
        int runId = await host.SubmitAsync(TestRecipe.Small.Replace("samples: 30", "samples: 30\n    perSubject: 1", StringComparison.Ordinal));

        Run run = await host.CompleteRunAsync(runId);

        run.State.ShouldBe(RunState.Faulted);
        run.Error.ShouldNotBeNull().ShouldStartWith("step corpus: ");
    }

    private static async Task<List<DatasetEntry>> LinesAsync(CoordinatorHost host, ObjectRef list) =>
        await Storage.Objects.JsonLines.ReadAsync<DatasetEntry>(host.Objects, list, CancellationToken.None).ToListAsync();

    private static Contracts.Api.StepOutput Output(Run run, string step) => run.Steps.Single(candidate => candidate.Name == step).Output.ShouldNotBeNull();
}
