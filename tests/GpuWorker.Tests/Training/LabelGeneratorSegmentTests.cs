using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;
using MassTransit;

namespace Factory.GpuWorker.Tests.Training;

/// <summary>From training a label-conditioned generator to its samples.</summary>
[Collection(typeof(TinyCorpusCollection))]
public sealed class LabelGeneratorSegmentTests(TinyCorpus corpus)
{
    [Fact]
    public async Task TrainedInSegments_IsTheSame_AndItsSamplesCanBeMadeAgain()
    {
        TrainLabelGeneratorSegment whole = await SegmentAsync();
        SegmentTrained once = await corpus.Worker.DoAsync<SegmentTrained>(whole);
        SegmentTrained first = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 10 });
        SegmentTrained second = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), Steps = 10, Resume = first.Artifact });
        // A look at it changes nothing.
        SegmentTrained previewed = await corpus.Worker.DoAsync<SegmentTrained>(whole with { Order = corpus.Worker.Order(), PreviewSteps = 8 });
        previewed.Artifact.ShouldBe(once.Artifact);
        previewed.Previews!.Select(preview => preview.Step).ShouldBe([8, 16]);
        previewed.Previews![0].Grid.ShouldNotBe(previewed.Previews[1].Grid);
        RgbImage grid = ImageDecoder.Decode(await corpus.Worker.Objects.ReadAsync(previewed.Previews[1].Grid, CancellationToken.None));
        grid.Height.ShouldBeInRange(4 * 160, 5 * 160, "a row for each category");

        (first.StepsDone, first.Finished, second.StepsDone, second.Finished).ShouldBe((10, false, 18, true));
        second.Artifact.ShouldBe(once.Artifact);
        second.Curve.ShouldBe(once.Curve);

        GenerateShard command = Shard(once.Artifact);
        ShardGenerated shard = await corpus.Worker.DoAsync<ShardGenerated>(command);
        ShardGenerated again = await corpus.Worker.DoAsync<ShardGenerated>(command with { Order = corpus.Worker.Order() });
        again.Artifact.ShouldBe(shard.Artifact);
        shard.Counts.Sum().ShouldBe(command.Count);
        List<SampleRecord> records = await JsonLines.ReadAsync<SampleRecord>(corpus.Worker.Objects, shard.Provenance, CancellationToken.None).ToListAsync();
        records.ShouldAllBe(record => record.Source == null && record.Partner == null && record.Manipulation == Manipulations.None);
        records.Select(record => record.Image).Distinct().Count().ShouldBe(records.Count);
        await using Stream stream = await corpus.Worker.Objects.OpenReadAsync(shard.Artifact.Digest, CancellationToken.None);
        await foreach (ShardSample sample in ShardReader.ReadAsync(stream, CancellationToken.None))
        {
            sample.Members.Select(member => member.Extension).ShouldBe(["cls", "json", "png"]);
            SampleMetadata metadata = JsonSerializer.Deserialize<SampleMetadata>(sample.Find("json")!.Value.Span, ContractJson.Options)!;
            (metadata.Classifier, metadata.Generator, metadata.Manipulation.Name).ShouldBe((null, once.Artifact.Digest, "none"));
        }

        IRequestClient<RegenerateSample> client = corpus.Worker.Harness.Bus.CreateRequestClient<RegenerateSample>(new Uri($"exchange:{WorkQueues.NameOf(typeof(RegenerateSample), "cpu", RunPriority.Interactive)}"));
        SampleRegenerated made = (await client.GetResponse<SampleRegenerated>(new RegenerateSample { Shard = command, Index = records[3].Index })).Message;
        (made.Image!.Digest, made.ConditionBefore, made.ConditionAfter).ShouldBe((records[3].Image, null, null));

        // A judge says of each sample what it shows, and changes none.
        GenerateShard judged = command with
        {
            Order = corpus.Worker.Order(),
            Judge = corpus.Classifier,
            Training = await corpus.PutLinesAsync(corpus.Entries(Split.Train)),
            Synthesis = command.Synthesis with { Measures = [.. QualityMeasures.All.Where(measure => measure != QualityMeasures.CamConsistency)], Reject = new() { LabelFidelityBelow = 0 } },
        };
        ShardGenerated measured = await corpus.Worker.DoAsync<ShardGenerated>(judged);
        List<SampleRecord> scored = await JsonLines.ReadAsync<SampleRecord>(corpus.Worker.Objects, measured.Provenance, CancellationToken.None).ToListAsync();
        scored.Select(record => record.Image).ShouldBe(records.Select(record => record.Image));
        scored.ShouldAllBe(record => record.Scores.Count == 4 && record.Scores[QualityMeasures.NearestTrainingDistance] > 0);
        ShardGenerated strict = await corpus.Worker.DoAsync<ShardGenerated>(
            judged with { Order = corpus.Worker.Order(), Synthesis = judged.Synthesis with { Reject = new() { LabelFidelityBelow = 1, Redraws = 1 } } });
        (strict.Counts.Sum(), strict.Rejected[QualityMeasures.LabelFidelity]).ShouldBe((0, command.Count));
        AttemptFailed failed = (await corpus.Worker.InviteAsync(
            judged with { Order = corpus.Worker.Order(), Synthesis = judged.Synthesis with { Measures = [QualityMeasures.CamConsistency] } })).ShouldBeOfType<AttemptFailed>();
        (failed.Permanent, failed.Error).ShouldBe((true, "CAM consistency was asked for of a generator that sees no CAM."));

        ContactSheetRendered sheet = await corpus.Worker.DoAsync<ContactSheetRendered>(
            new RenderContactSheet { Order = corpus.Worker.Order(), Generator = once.Artifact, Synthesis = command.Synthesis, RowsPerCategory = 2 });
        RgbImage shown = ImageDecoder.Decode(await corpus.Worker.Objects.ReadAsync(sheet.Artifact, CancellationToken.None));
        shown.Height.ShouldBeInRange(6 * 160, 8 * 160, "two rows for each of three categories: of the background none were asked for");

        // The shards are a corpus like any other: a classifier learns from them.
        ObjectRef dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Validation).Append(new DatasetEntry { Object = shard.Artifact, Split = Split.Train, Samples = command.Count }));
        (await corpus.Worker.DoAsync<SegmentTrained>(new TrainClassifierSegment { Order = corpus.Worker.Order(), Dataset = dataset, Training = SegmentTests.Spec, Steps = 100 })).Finished.ShouldBeTrue();
    }

    [Fact]
    public async Task GeneratorOfOtherCategories_IsRefusedForGood()
    {
        SegmentTrained trained = await corpus.Worker.DoAsync<SegmentTrained>(await SegmentAsync());
        CategoryList three = new() { Names = ["Normal", "A", "B"], Background = 0 };
        CategoryList renamed = new() { Names = ["Normal", "A", "B", "C"], Background = 0 };

        (await FailAsync(spec => spec with { Categories = three, Counts = [0, 8, 8] })).ShouldContain("knows 4 categories");
        (await FailAsync(spec => spec with { Categories = renamed })).ShouldContain("was trained for the categories");

        async Task<string> FailAsync(Func<SynthesisSpec, SynthesisSpec> change)
        {
            GenerateShard command = Shard(trained.Artifact);
            AttemptFailed failed = (await corpus.Worker.InviteAsync(command with { Synthesis = change(command.Synthesis) })).ShouldBeOfType<AttemptFailed>();
            failed.Permanent.ShouldBeTrue();
            return failed.Error;
        }
    }

    private async Task<TrainLabelGeneratorSegment> SegmentAsync() => new()
    {
        Order = corpus.Worker.Order(),
        Dataset = await corpus.PutLinesAsync(corpus.Entries(Split.Train)),
        Categories = TinyCorpus.Categories,
        Preset = "tiny64",
        TotalSteps = 18,
        Seed = 5,
        Steps = 100,
    };

    private GenerateShard Shard(ObjectRef generator) =>
        corpus.Shard(spec => spec with { Manipulations = [], KeepConditions = false }) with { Order = corpus.Worker.Order(), Sources = null, Classifier = null, Generator = generator };
}
