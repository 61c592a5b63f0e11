using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Factory.Contracts;
using Factory.Storage.Manifests;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Manifests;

public sealed class CorpusVerifierTests : IDisposable
{
    private readonly CorpusFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task WholeCorpus_IsOk()
    {
        CorpusManifest manifest = await _fixture.ExportAsync();
        VerificationReport report = await _fixture.VerifyAsync();
        report.Problems.ShouldBeEmpty();
        (report.Ok, report.Digest, report.Shards, report.Samples).ShouldBe((true, manifest.Digest, 2, 6L));
    }

    [Fact]
    public async Task CorpusOfALabelConditionedGenerator_NamesNoClassifier_InManifestAndSamplesAlike()
    {
        List<List<ShardSample>> samples = [[SmallCorpus.Sample("k00", 1, SmallCorpus.Metadata("k00", 1) with { Classifier = null, Manipulation = new("none", new Dictionary<string, double>()) })]];
        CorpusManifest manifest = await _fixture.StoreAsync(samples);
        await _fixture.ExportAsync(manifest with { Classifier = null }, new Heard());
        (await _fixture.VerifyAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task EmptyCorpus_IsOk()
    {
        await _fixture.ExportAsync([]);
        (await _fixture.VerifyAsync()).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnyChangedByte_IsFound()
    {
        Sha256Digest corpus = (await _fixture.ExportAsync()).Digest;
        string[] files = Directory.GetFiles(_fixture.Target);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Byte[1, 255]).Sample(
            (file, part, change) => IsFound(corpus, files[file], bytes => bytes[(int)(part * (bytes.Length - 1))] ^= change), iter: 150, threads: 1);
        (await _fixture.VerifyAsync()).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task AnyTruncationOrGrowth_IsFound()
    {
        Sha256Digest corpus = (await _fixture.ExportAsync()).Digest;
        string[] files = Directory.GetFiles(_fixture.Target);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1]).Sample(
            (file, part) => IsFound(corpus, files[file], null, length => (int)(part * (length - 1))), iter: 60, threads: 1);
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[1, 2000]).Sample(
            (file, more) => IsFound(corpus, files[file], null, length => length + more), iter: 30, threads: 1);
    }

    // A change to what no shard can contradict, found by chance: without the corpus's name it is another corpus, and a whole one.
    [Fact]
    public async Task ManifestOfAnotherCorpus_IsToldFromTheOneThatWasNamed()
    {
        Sha256Digest corpus = (await _fixture.ExportAsync()).Digest;
        File.WriteAllText(_fixture.ManifestFile, File.ReadAllText(_fixture.ManifestFile).Replace("labelFidelity", "labe]Fidelity", StringComparison.Ordinal));

        VerificationReport report = await _fixture.VerifyAsync(corpus);

        Lines(report).ShouldBe([$"manifest.json: is of corpus {report.Digest}, not {corpus}"]);
        report.Digest.ShouldNotBe(corpus);
    }

    [Fact]
    public async Task MissingAndForeignFiles_AreListed()
    {
        await _fixture.ExportAsync();
        File.Delete(_fixture.FirstShard);
        File.WriteAllText(Path.Combine(_fixture.Target, "tiny-train-000002.tar"), "");
        Directory.CreateDirectory(Path.Combine(_fixture.Target, "sub"));
        Lines(await _fixture.VerifyAsync()).ShouldBe(
            ["sub: is no part of the corpus", "tiny-train-000000.tar: is missing", "tiny-train-000002.tar: is no part of the corpus"], ignoreOrder: true);
    }

    [Fact]
    public async Task FolderOfAShardsName_IsNoShard()
    {
        await _fixture.ExportAsync();
        File.Delete(_fixture.FirstShard);
        Directory.CreateDirectory(_fixture.FirstShard);
        Lines(await _fixture.VerifyAsync()).ShouldContain("tiny-train-000000.tar: is missing");
    }

    [Fact]
    public async Task NoCorpus_IsSaid()
    {
        (await Should.ThrowAsync<CorpusFolderException>(() => _fixture.VerifyAsync())).Message.ShouldContain("no folder");
        Directory.CreateDirectory(_fixture.Target);
        (await Should.ThrowAsync<CorpusFolderException>(() => _fixture.VerifyAsync())).Message.ShouldContain("manifest.json");
    }

    [Fact]
    public async Task AllProblemsOfSamples_AreListed()
    {
        List<List<ShardSample>> samples = SmallCorpus.Samples();
        samples[0][0] = With(samples[0][0], SmallCorpus.Text("cls", "3"));
        samples[0][1] = With(samples[0][1], new ShardMember("png", SmallCorpus.Png(16, 15, "no mark")));
        samples[0][2] = With(samples[0][2], WithField(samples[0][2], "subject", "7"));
        samples[1][0] = With(samples[1][0], WithField(samples[1][0], "synthetic", false));
        samples[1][1] = With(samples[1][1], new ShardMember("txt", "x"u8.ToArray()));
        samples[1][2] = samples[1][2] with { Members = [.. samples[1][2].Members.Where(member => member.Extension != "json")] };
        await _fixture.ExportAsync(samples);
        string[] lines = Lines(await _fixture.VerifyAsync());
        lines.ShouldContain("tiny-train-000000.tar: k00.json: says Normal, .cls says WetAmd");
        lines.ShouldContain("tiny-train-000000.tar: k01.png: is 16x15, the manifest says 16");
        lines.ShouldContain("tiny-train-000000.tar: k01.png: does not carry the IPTC mark of a synthetic image");
        lines.ShouldContain(line => line.StartsWith("tiny-train-000000.tar: k02.json: holds more than"));
        lines.ShouldContain("tiny-train-000001.tar: k03.json: does not say synthetic");
        lines.ShouldContain("tiny-train-000001.tar: k04.txt: is no member of a sample");
        lines.ShouldContain("tiny-train-000001.tar: k05: has no .json");
        lines.Length.ShouldBe(7);
    }

    [Fact]
    public async Task MetadataOfAnotherRun_IsListed()
    {
        List<List<ShardSample>> samples = SmallCorpus.Samples();
        samples[0][0] = SmallCorpus.Sample("k00", 0, SmallCorpus.Metadata("other", 0) with { Modality = "cfp", Width = 5, Generator = SmallCorpus.Recipe });
        await _fixture.ExportAsync(samples);
        string[] lines = Lines(await _fixture.VerifyAsync());
        lines.Length.ShouldBe(4);
        lines.ShouldAllBe(line => line.StartsWith("tiny-train-000000.tar: k00.json: "));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"key":null}""")]
    public async Task MetadataThatIsNone_IsListed(string json)
    {
        List<List<ShardSample>> samples = SmallCorpus.Samples();
        samples[0][0] = With(samples[0][0], SmallCorpus.Text("json", json));
        await _fixture.ExportAsync(samples);
        Lines(await _fixture.VerifyAsync()).Single().ShouldStartWith("tiny-train-000000.tar: k00.json: is no sample metadata");
    }

    [Theory]
    [InlineData("category")]
    [InlineData("manipulation")]
    [InlineData("scores")]
    [InlineData("modality")]
    public async Task MetadataWithNull_IsListed(string field)
    {
        List<List<ShardSample>> samples = SmallCorpus.Samples();
        samples[0][0] = With(samples[0][0], WithField(samples[0][0], field, null));
        await _fixture.ExportAsync(samples);
        Lines(await _fixture.VerifyAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task KeyInTwoShards_IsNamed()
    {
        List<List<ShardSample>> samples = SmallCorpus.Samples();
        samples[1][0] = SmallCorpus.Sample("k01", 0);
        await _fixture.ExportAsync(samples);
        Lines(await _fixture.VerifyAsync()).ShouldBe(["tiny-train-000001.tar: k01: its key stands twice in the corpus"]);
    }

    [Fact]
    public async Task MoreProblemsThanListed_AreStillNotOk()
    {
        await _fixture.ExportAsync();
        for (int index = 0; index < 1100; index++) File.WriteAllText(Path.Combine(_fixture.Target, $"foreign-{index}"), "");
        VerificationReport report = await _fixture.VerifyAsync();
        (report.Ok, report.Problems.Count).ShouldBe((false, VerificationReport.ProblemLimit));
    }

    private static string[] Lines(VerificationReport report) => [.. report.Problems.Select(problem => problem.ToString())];

    private static ShardSample With(ShardSample sample, ShardMember member) => sample with
    {
        Members = [.. sample.Members.Where(old => old.Extension != member.Extension), member],
    };

    private static ShardMember WithField(ShardSample sample, string name, JsonNode? value)
    {
        JsonObject json = JsonNode.Parse(sample.Find("json")!.Value.Span)!.AsObject();
        json[name] = value;
        return SmallCorpus.Text("json", Encoding.UTF8.GetString(CanonicalJson.Serialize(json)));
    }

    private bool IsFound(Sha256Digest corpus, string file, Action<byte[]>? change, Func<int, int>? resize = null)
    {
        byte[] original = File.ReadAllBytes(file);
        byte[] spoiled = [.. original];
        change?.Invoke(spoiled);
        if (resize is not null) Array.Resize(ref spoiled, resize(spoiled.Length));
        File.WriteAllBytes(file, spoiled);
        try
        {
            return !_fixture.VerifyAsync(corpus).GetAwaiter().GetResult().Ok;
        }
        catch (ManifestFormatException)
        {
            return true;
        }
        finally
        {
            File.WriteAllBytes(file, original);
        }
    }
}
