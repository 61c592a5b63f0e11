using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Recipes;
using Factory.Contracts.Work;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;

namespace Factory.GpuWorker.Tests.Quality;

[Collection(typeof(TinyCorpusCollection))]
public sealed class SampleQualityTests(TinyCorpus corpus)
{
    [Fact]
    public async Task Measures_StandInRecordAndMember_AndAreTheSameWhenDoneAgain()
    {
        GenerateShard command = await MeasuredAsync();

        ShardGenerated result = await corpus.Worker.DoAsync<ShardGenerated>(command);
        ShardGenerated again = await corpus.Worker.DoAsync<ShardGenerated>(command with { Order = corpus.Worker.Order() });

        again.Artifact.ShouldBe(result.Artifact);
        again.Provenance.ShouldBe(result.Provenance);
        result.Rejected.ShouldBeEmpty();
        List<SampleRecord> records = await RecordsAsync(result);
        records.ShouldAllBe(record => record.Scores.Keys.Order(StringComparer.Ordinal).SequenceEqual(QualityMeasures.All.Order(StringComparer.Ordinal)));
        records.ShouldAllBe(record => record.Scores[QualityMeasures.CamConsistency] >= -1 && record.Scores[QualityMeasures.CamConsistency] <= 1);
        records.ShouldAllBe(record => record.Scores[QualityMeasures.FieldOfView] >= 0 && record.Scores[QualityMeasures.FieldOfView] <= 1);
        records.ShouldAllBe(record => record.Scores[QualityMeasures.NearestTrainingDistance] > 0 && record.Scores[QualityMeasures.Sharpness] > 0);
        await using Stream stream = await corpus.Worker.Objects.OpenReadAsync(result.Artifact.Digest, CancellationToken.None);
        await foreach (ShardSample sample in ShardReader.ReadAsync(stream, CancellationToken.None))
        {
            SampleMetadata metadata = JsonSerializer.Deserialize<SampleMetadata>(sample.Find("json")!.Value.Span, ContractJson.Options)!;
            metadata.Scores.ShouldBe(records.Single(record => record.Key == sample.Key).Scores);
        }
    }

    [Fact]
    public async Task AnotherWorker_MeasuresTheSame()
    {
        GenerateShard command = await MeasuredAsync();
        ShardGenerated here = await corpus.Worker.DoAsync<ShardGenerated>(command);
        await using TestWorker other = await TestWorker.StartAsync();
        foreach (ObjectRef blob in (ObjectRef[])[command.Training!, command.Sources!, command.Generator, command.Classifier!, corpus.Sources[0].Block!, .. corpus.Images.Select(image => image.Image)])
        {
            await other.Objects.PutAsync(await corpus.Worker.Objects.ReadAsync(blob, CancellationToken.None), blob.MediaType, CancellationToken.None);
        }

        // It begins with the second half, and has nothing measured yet.
        ShardGenerated there = await other.DoAsync<ShardGenerated>(command with { Order = other.Order(), First = command.First + 6, Count = 4 });

        SampleRecord[] expected = [.. (await RecordsAsync(here)).Where(record => record.Index >= command.First + 6)];
        List<SampleRecord> records = await JsonLines.ReadAsync<SampleRecord>(other.Objects, there.Provenance, CancellationToken.None).ToListAsync();
        records.Select(record => (record.Key, record.Image)).ShouldBe(expected.Select(record => (record.Key, record.Image)));
        foreach ((SampleRecord one, SampleRecord two) in records.Zip(expected)) one.Scores.ShouldBe(two.Scores);
    }

    [Fact]
    public async Task EveryRule_RejectsAndCountsUnderItsOwnName()
    {
        List<SampleRecord> records = await RecordsAsync(await corpus.Worker.DoAsync<ShardGenerated>(await MeasuredAsync()));
        Dictionary<string, Func<double, RejectionRules>> rules = new()
        {
            [QualityMeasures.LabelFidelity] = below => new() { LabelFidelityBelow = below, Redraws = 0 },
            [QualityMeasures.CamConsistency] = below => new() { CamConsistencyBelow = below, Redraws = 0 },
            [QualityMeasures.Sharpness] = below => new() { SharpnessBelow = below, Redraws = 0 },
            [QualityMeasures.FieldOfView] = below => new() { FieldOfViewBelow = below, Redraws = 0 },
            [QualityMeasures.NearestTrainingDistance] = below => new() { NearestTrainingDistanceBelow = below, Redraws = 0 },
        };
        rules.Keys.ShouldBe(QualityMeasures.All, ignoreOrder: true);
        foreach ((string measure, Func<double, RejectionRules> rule) in rules)
        {
            double threshold = records.Max(record => record.Scores[measure]);
            int below = records.Count(record => record.Scores[measure] < threshold);
            GenerateShard command = await MeasuredAsync(spec => spec with { Measures = [measure], Reject = rule(threshold) });

            ShardGenerated result = await corpus.Worker.DoAsync<ShardGenerated>(command);

            result.Rejected.ShouldBe(below == 0 ? [] : new Dictionary<string, int> { [measure] = below }, ignoreOrder: true);
            (await RecordsAsync(result)).Select(record => record.Key).ShouldBe(records.Where(record => record.Scores[measure] >= threshold).Select(record => record.Key));
        }
    }

    [Fact]
    public async Task SeveralRules_AddUp_AndASampleCountsOnce()
    {
        List<SampleRecord> records = await RecordsAsync(await corpus.Worker.DoAsync<ShardGenerated>(await MeasuredAsync()));
        double Middle(string measure) => records.Select(record => record.Scores[measure]).Order().ElementAt(records.Count / 2);
        RejectionRules rules = new() { LabelFidelityBelow = Middle(QualityMeasures.LabelFidelity), SharpnessBelow = Middle(QualityMeasures.Sharpness), Redraws = 1 };
        GenerateShard command = await MeasuredAsync(spec => spec with { Measures = [QualityMeasures.LabelFidelity, QualityMeasures.Sharpness], Reject = rules });

        ShardGenerated result = await corpus.Worker.DoAsync<ShardGenerated>(command);
        List<SampleRecord> kept = await RecordsAsync(result);

        (kept.Count + result.Rejected.Values.Sum()).ShouldBe(command.Count);
        result.Rejected.Keys.ShouldBeSubsetOf([QualityMeasures.LabelFidelity, QualityMeasures.Sharpness]);
        result.Rejected.Values.Sum().ShouldBeGreaterThan(0);
        kept.ShouldAllBe(record => record.Scores[QualityMeasures.LabelFidelity] >= rules.LabelFidelityBelow && record.Scores[QualityMeasures.Sharpness] >= rules.SharpnessBelow);
        (await corpus.Worker.DoAsync<ShardGenerated>(command with { Order = corpus.Worker.Order() })).Artifact.ShouldBe(result.Artifact);
    }

    [Fact]
    public async Task AnotherJudge_JudgesOtherwise_AndChangesNoImage()
    {
        ObjectRef judge = await corpus.PutAsync(await corpus.OnDeviceAsync(() => TinyCorpus.UntrainedClassifier(seed: 17)), MediaTypes.SafeTensors);
        GenerateShard command = await MeasuredAsync();

        List<SampleRecord> own = await RecordsAsync(await corpus.Worker.DoAsync<ShardGenerated>(command));
        List<SampleRecord> other = await RecordsAsync(await corpus.Worker.DoAsync<ShardGenerated>(command with { Order = corpus.Worker.Order(), Judge = judge }));

        other.Select(record => record.Image).ShouldBe(own.Select(record => record.Image));
        other.Select(record => record.Scores[QualityMeasures.LabelFidelity]).ShouldNotBe(own.Select(record => record.Scores[QualityMeasures.LabelFidelity]));
        other.Select(record => record.Scores[QualityMeasures.Sharpness]).ShouldBe(own.Select(record => record.Scores[QualityMeasures.Sharpness]));
    }

    [Fact]
    public async Task TrainingImagesThatTellNothing_AreRefusedForGood()
    {
        ObjectRef flat = await corpus.PutAsync(ImageEncoder.EncodePng(new RgbImage(TinyCorpus.Size, TinyCorpus.Size)), MediaTypes.Png);
        ObjectRef black = await corpus.PutLinesAsync(Enumerable.Repeat(new DatasetEntry { Object = flat, Split = Split.Train, Label = 0 }, 3));

        (await FailAsync(QualityMeasures.Sharpness, black)).ShouldContain("training images are flat");
        (await FailAsync(QualityMeasures.NearestTrainingDistance, black)).ShouldContain("the same to the judge");
        (await FailAsync(QualityMeasures.NearestTrainingDistance, await corpus.PutLinesAsync(corpus.Entries(Split.Train).Take(1)))).ShouldContain("need two of them at least, there are 1");
    }

    private async Task<string> FailAsync(string measure, ObjectRef training)
    {
        GenerateShard command = corpus.Shard(spec => spec with { Measures = [measure] }) with { Training = training };
        AttemptFailed failed = (await corpus.Worker.InviteAsync(command)).ShouldBeOfType<AttemptFailed>();
        failed.Permanent.ShouldBeTrue(failed.Error);
        return failed.Error;
    }

    private async Task<GenerateShard> MeasuredAsync(Func<SynthesisSpec, SynthesisSpec>? change = null) =>
        corpus.Shard(spec => (change ?? (same => same))(spec with { Measures = QualityMeasures.All })) with { Training = await corpus.PutLinesAsync(corpus.Entries(Split.Train)) };

    private Task<List<SampleRecord>> RecordsAsync(ShardGenerated shard) =>
        JsonLines.ReadAsync<SampleRecord>(corpus.Worker.Objects, shard.Provenance, CancellationToken.None).ToListAsync().AsTask();
}
