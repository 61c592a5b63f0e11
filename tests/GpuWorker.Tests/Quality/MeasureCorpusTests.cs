using System.Text;
using System.Text.Json;
using Factory.Contracts;
using Factory.Contracts.Work;
using Factory.GpuWorker.Quality;
using Factory.Storage.Objects;
using Factory.Storage.Shards;

namespace Factory.GpuWorker.Tests.Quality;

[Collection(typeof(TinyCorpusCollection))]
public sealed class MeasureCorpusTests(TinyCorpus corpus)
{
    [Fact]
    public async Task CorpusOfTheTrainingImagesThemselves_IsAtNoDistance()
    {
        List<ObjectRef> shards = [];
        foreach ((ObjectRef Image, int Label)[] part in corpus.Images.Chunk(5)) shards.Add(await ShardOfAsync(part));

        CorpusQuality quality = await MeasureAsync(shards, Enumerable.Repeat(5, 2).Append(2));

        (quality.All.Samples, quality.All.Images).ShouldBe((12, 12));
        quality.All.Frechet!.Value.ShouldBe(0, 1e-4);
        quality.All.Kernel!.Value.ShouldBeLessThan(0, "of equal sets, the unbiased estimate is below what it estimates");
        (quality.All.Precision, quality.All.Recall).ShouldBe((1, 1));
        quality.Features.ShouldBe(corpus.Classifier.Digest);
        quality.Categories.ShouldBeEmpty("three images of a category tell nothing");
        ScoreSpread spread = quality.Scores.ShouldHaveSingleItem();
        (spread.Score, spread.Median).ShouldBe(("made", 0.5));
        spread.Low.ShouldBeLessThan(spread.High);
    }

    [Fact]
    public async Task GeneratedCorpus_IsFartherAway_AndMeasuredTheSameAgain()
    {
        ShardGenerated shard = await corpus.Worker.DoAsync<ShardGenerated>(corpus.Shard());
        MeasureCorpus command = await CommandAsync([shard.Artifact], [10], most: 7);

        CorpusMeasured first = await corpus.Worker.DoAsync<CorpusMeasured>(command);
        CorpusMeasured second = await corpus.Worker.DoAsync<CorpusMeasured>(command with { Order = corpus.Worker.Order() });

        second.Artifact.ShouldBe(first.Artifact);
        (first.All.Samples, first.All.Images).ShouldBe((7, 7));
        first.All.Frechet!.Value.ShouldBeGreaterThan(0.001);
        first.All.Precision.ShouldNotBeNull();
    }

    [Fact]
    public async Task SetsTooSmall_HaveNoFigures()
    {
        ObjectRef shard = await ShardOfAsync(corpus.Images.Take(1));

        CorpusQuality quality = await MeasureAsync([shard], [1]);

        (quality.All.Samples, quality.All.Frechet, quality.All.Kernel, quality.All.Precision, quality.All.Recall).ShouldBe((1, null, null, null, null));
    }

    [Fact]
    public void EveryShardGivesItsShare_OfAtMostSixtyFour()
    {
        DatasetEntry[] shards = [.. Enumerable.Range(0, 100).Select(number => new DatasetEntry { Object = Ref(number), Split = Split.Train, Samples = number % 2 == 0 ? 1000 : 500 })];

        IReadOnlyList<(DatasetEntry Shard, int Samples)> shares = CorpusDraw.Shares(shards, 2000, seed: 3);

        shares.Sum(share => share.Samples).ShouldBe(2000);
        shares.Count.ShouldBe(64);
        shares.Select(share => share.Shard.Object.Bytes).ShouldBeInOrder();
        double larger = shares.Where(share => share.Shard.Samples == 1000).Average(share => share.Samples);
        (larger / shares.Where(share => share.Shard.Samples == 500).Average(share => share.Samples)).ShouldBe(2, 0.1);
        CorpusDraw.Shares(shards, 2000, seed: 3).ShouldBe(shares);
        CorpusDraw.Shares(shards, 2000, seed: 4).ShouldNotBe(shares);
        CorpusDraw.Shares(shards[..2], 2000, seed: 3).Select(share => share.Samples).ShouldBe([1000, 500]);
        CorpusDraw.Shares(shards[..3], 3, seed: 3).Sum(share => share.Samples).ShouldBe(3);
    }

    private static ObjectRef Ref(int number) => new() { Digest = Sha256Digest.Of(BitConverter.GetBytes(number)), Bytes = number + 1, MediaType = MediaTypes.Tar };

    private async Task<CorpusQuality> MeasureAsync(IReadOnlyList<ObjectRef> shards, IEnumerable<int> samples)
    {
        CorpusMeasured measured = await corpus.Worker.DoAsync<CorpusMeasured>(await CommandAsync(shards, samples, most: 100));
        CorpusQuality quality = JsonSerializer.Deserialize<CorpusQuality>(await corpus.Worker.Objects.ReadAsync(measured.Artifact, CancellationToken.None), ContractJson.Options)!;
        quality.All.ShouldBe(measured.All);
        return quality;
    }

    private async Task<MeasureCorpus> CommandAsync(IReadOnlyList<ObjectRef> shards, IEnumerable<int> samples, int most) => new()
    {
        Order = corpus.Worker.Order(),
        Corpus = await corpus.PutLinesAsync(shards.Zip(samples, (shard, count) => new DatasetEntry { Object = shard, Split = Split.Train, Samples = count })),
        Training = await corpus.PutLinesAsync(corpus.Entries(Split.Train)),
        Features = corpus.Classifier,
        Categories = TinyCorpus.Categories,
        Samples = most,
        BatchSize = 4,
        Seed = 8,
    };

    private async Task<ObjectRef> ShardOfAsync(IEnumerable<(ObjectRef Image, int Label)> images)
    {
        using MemoryStream tar = new();
        using (ShardWriter writer = new(tar))
        {
            int number = 0;
            foreach ((ObjectRef image, int label) in images)
            {
                string key = $"sample{number:d2}";
                SampleMetadata metadata = new()
                {
                    Key = key,
                    Category = new(TinyCorpus.Categories.Names[label], label),
                    Modality = "cfp",
                    Width = TinyCorpus.Size,
                    Height = TinyCorpus.Size,
                    Manipulation = new("flr", new Dictionary<string, double>()),
                    Seed = 1,
                    Generator = corpus.Generator.Digest,
                    Recipe = Sha256Digest.Of("recipe"u8),
                    Scores = new Dictionary<string, double> { ["made"] = number % 2 == 0 ? 0.5 : number / 4.0 },
                };
                writer.Add(key, [new("cls", Encoding.ASCII.GetBytes($"{label}")), new("json", metadata.ToCanonicalBytes()), new("png", await corpus.Worker.Objects.ReadAsync(image, CancellationToken.None))]);
                number++;
            }
        }
        return await corpus.PutAsync(tar.ToArray(), MediaTypes.Tar);
    }
}
