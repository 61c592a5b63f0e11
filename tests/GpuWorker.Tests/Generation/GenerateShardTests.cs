using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Sampling;
using Factory.Contracts.Work;
using Factory.GpuWorker.Datasets;
using Factory.Storage.Objects;
using Factory.Storage.Shards;
using Factory.Synthesis.Imaging;
using MassTransit;

namespace Factory.GpuWorker.Tests.Generation;

[Collection(typeof(TinyCorpusCollection))]
public sealed class GenerateShardTests(TinyCorpus corpus)
{
    [Fact]
    public async Task Shard_HoldsEverySample_SortedAndMarked()
    {
        GenerateShard command = corpus.Shard();

        ShardGenerated result = await corpus.Worker.DoAsync<ShardGenerated>(command);
        List<ShardSample> samples = await ReadAsync(result.Artifact);
        List<SampleRecord> records = await RecordsAsync(result);

        samples.Count.ShouldBe(command.Count);
        result.Counts.Sum().ShouldBe(command.Count);
        result.Counts[CategoryList.Amd.Background].ShouldBe(0);
        result.Rejected.ShouldBeEmpty();
        result.ForwardSeconds.ShouldBeInRange(0, result.WallSeconds);
        samples.Select(sample => sample.Key).ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
        records.Select(record => record.Index).ShouldBe(Enumerable.Range(5, 10).Select(index => (long)index));
        foreach (ShardSample sample in samples)
        {
            SampleRecord record = records.Single(candidate => candidate.Key == sample.Key);
            byte[] png = sample.Find("png")!.Value.ToArray();
            ImageMarkingReader.Read(png).ShouldBe(ImageMarking.Synthetic);
            Sha256Digest.Of(png).ShouldBe(record.Image);
            sample.Members.Select(member => member.Extension).ShouldBe(["cls", "cond.png", "json", "png"]);
            Encoding.ASCII.GetString(sample.Find("cls")!.Value.Span).ShouldBe($"{record.Label}");
            SampleMetadata metadata = JsonSerializer.Deserialize<SampleMetadata>(sample.Find("json")!.Value.Span, ContractJson.Options)!;
            (metadata.Category.Index, metadata.Seed, metadata.Manipulation.Name).ShouldBe((record.Label, record.Seed, record.Manipulation));
            corpus.Sources[record.Source!.Value].Label.ShouldBe(record.Label);
            record.Partner.HasValue.ShouldBe(record.Manipulation == "mix");
        }
    }

    [Fact]
    public async Task ShardDoneTwice_HasTheSameBytes()
    {
        ShardGenerated first = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());
        ShardGenerated second = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());

        second.Artifact.ShouldBe(first.Artifact);
        second.Provenance.ShouldBe(first.Provenance);
    }

    [Fact]
    public async Task RegeneratedSample_HasTheSameBytes()
    {
        GenerateShard command = corpus.Shard();
        List<SampleRecord> records = await RecordsAsync(await corpus.Worker.DoAsync<ShardGenerated>(command));

        foreach (SampleRecord record in records)
        {
            SampleRegenerated again = await AskAsync(command, record.Index);
            again.Image!.Digest.ShouldBe(record.Image);
            again.ConditionAfter.ShouldNotBe(again.ConditionBefore);
        }
    }

    [Fact]
    public async Task LowFidelity_IsDrawnAgain_ThenCountedAndLeftOut()
    {
        // The median of a category, as the untrained classifier sees it: about half of its samples fail, and a new draw of one may pass.
        ShardGenerated unjudged = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard(spec => spec with { Reject = new() { LabelFidelityBelow = 0 } }));
        double[] scores = [.. (await RecordsAsync(unjudged)).GroupBy(record => record.Label).MaxBy(label => label.Count())!.Select(record => record.Scores["labelFidelity"]).Order()];
        double threshold = scores[scores.Length / 2];
        GenerateShard command = corpus.Shard(spec => spec with { Reject = new() { LabelFidelityBelow = threshold, Redraws = 2 } });

        ShardGenerated result = await corpus.Worker.DoAsync<ShardGenerated>(command);
        List<SampleRecord> records = await RecordsAsync(result);

        records.Count.ShouldBe(result.Counts.Sum());
        (records.Count + result.Rejected.GetValueOrDefault("labelFidelity")).ShouldBe(command.Count);
        result.Rejected.Values.Sum().ShouldBeGreaterThan(0);
        records.ShouldAllBe(record => record.Scores["labelFidelity"] >= threshold && record.Draw <= 2);
        records.ShouldAllBe(record => record.Seed == SampleSeeds.Derive(command.Synthesis.Seed, record.Index, record.Draw));
        records.ShouldContain(record => record.Draw > 0, "a sample that failed passed with another draw");
        long dropped = Enumerable.Range(5, 10).First(index => records.All(record => record.Index != index));
        (await AskAsync(command, dropped)).Image.ShouldBeNull();
        (await AskAsync(command, records[^1].Index)).Image!.Digest.ShouldBe(records[^1].Image);
        ShardGenerated again = await corpus.Worker.DoAsync<ShardGenerated>(command with { Order = corpus.Worker.Order() });
        again.Artifact.ShouldBe(result.Artifact);
    }

    [Fact]
    public async Task GeneratorOfAnotherClassifier_IsRefusedForGood()
    {
        ObjectRef other = await corpus.PutAsync(await corpus.OnDeviceAsync(() => TinyCorpus.UntrainedClassifier(seed: 9)), MediaTypes.SafeTensors);

        AttemptFailed failed = await FailAsync(corpus.Shard() with { Classifier = other });

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("was trained on CAMs of classifier");
    }

    [Fact]
    public async Task OtherCategories_AreRefusedBeforeTorchSeesThem()
    {
        CategoryList three = new() { Names = ["Normal", "A", "B"], Background = 0 };

        AttemptFailed failed = await FailAsync(corpus.Shard(spec => spec with { Categories = three, Counts = [0, 8, 8] }));

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("3 channels");
    }

    [Fact]
    public async Task AnotherKindOfDevice_IsRefusedForGood()
    {
        AttemptFailed failed = await FailAsync(corpus.Shard() with { Order = corpus.Worker.Order(device: "cuda") });

        failed.Permanent.ShouldBeTrue();
        failed.Error.ShouldContain("pinned to cuda");
    }

    [Fact]
    public async Task MissingInput_MayBeThereNextTime()
    {
        ObjectRef missing = new() { Digest = Sha256Digest.Of("nowhere"u8), Bytes = 7, MediaType = MediaTypes.JsonLines };

        AttemptFailed failed = await FailAsync(corpus.Shard() with { Sources = missing });

        failed.Permanent.ShouldBeFalse();
    }

    [Fact]
    public async Task ContactSheet_ShowsEveryCategoryDrawn()
    {
        GenerateShard shard = corpus.Shard();
        RenderContactSheet command = new()
        {
            Order = corpus.Worker.Order(),
            Sources = shard.Sources,
            Generator = shard.Generator,
            Classifier = shard.Classifier,
            Synthesis = shard.Synthesis with { Counts = [8, 8, 8, 8] },
            RowsPerCategory = 2,
        };

        ContactSheetRendered first = await corpus.Worker.DoAsync<ContactSheetRendered>(command);
        ContactSheetRendered second = await corpus.Worker.DoAsync<ContactSheetRendered>(command with { Order = corpus.Worker.Order() });

        second.Artifact.ShouldBe(first.Artifact);
        RgbImage sheet = ImageDecoder.Decode(await corpus.Worker.Objects.ReadAsync(first.Artifact, CancellationToken.None));
        sheet.Height.ShouldBeGreaterThan(8 * 160, "two rows for each of four categories");
        sheet.Width.ShouldBeGreaterThan(7 * 160, "source, CAM, condition, reconstruction, and three manipulations");
    }

    private async Task<AttemptFailed> FailAsync(GenerateShard command) => (await corpus.Worker.InviteAsync(command)).ShouldBeOfType<AttemptFailed>();

    private async Task<SampleRegenerated> AskAsync(GenerateShard shard, long index)
    {
        IRequestClient<RegenerateSample> client = corpus.Worker.Harness.Bus.CreateRequestClient<RegenerateSample>(new Uri($"exchange:{WorkQueues.NameOf(typeof(RegenerateSample), "cpu", RunPriority.Interactive)}"));
        return (await client.GetResponse<SampleRegenerated>(new RegenerateSample { Shard = shard, Index = index })).Message;
    }

    private Task<List<SampleRecord>> RecordsAsync(ShardGenerated shard) =>
        JsonLines.ReadAsync<SampleRecord>(corpus.Worker.Objects, shard.Provenance, CancellationToken.None).ToListAsync().AsTask();

    private async Task<List<ShardSample>> ReadAsync(ObjectRef shard)
    {
        await using Stream stream = await corpus.Worker.Objects.OpenReadAsync(shard.Digest, CancellationToken.None);
        return await ShardReader.ReadAsync(stream, CancellationToken.None).ToListAsync();
    }
}
