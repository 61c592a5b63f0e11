using System.Text.Json.Nodes;
using CsCheck;
using Factory.Contracts;
using Factory.Storage.Manifests;
using Factory.Storage.Shards;

namespace Factory.Storage.Tests.Manifests;

public sealed class CorpusManifestTests
{
    private static readonly CorpusManifest Whole = SmallCorpus.Manifest(SmallCorpus.Shard(0, 2, 0, 0, 1), SmallCorpus.Shard(1, 0, 4, 0, 0));

    [Fact]
    public void Manifest_IsReadBackWithTheSameDigest()
    {
        CorpusManifest read = CorpusManifest.Read(Whole.ToCanonicalBytes(), "some.json");
        read.Digest.ShouldBe(Whole.Digest);
        (read.Samples, read.Seed, read.Counts["DryAmd"]).ShouldBe((7, ulong.MaxValue, 4));
        read.Categories.Matches(CategoryList.Amd).ShouldBeTrue();
    }

    [Fact]
    public void Digest_DoesNotDependOnTheOrderOfDictionaries()
    {
        CorpusManifest one = Whole with { Rejected = new Dictionary<string, long> { ["a"] = 1, ["b"] = 2 } };
        CorpusManifest other = Whole with { Rejected = new Dictionary<string, long> { ["b"] = 2, ["a"] = 1 } };
        one.Digest.ShouldBe(other.Digest);
    }

    [Theory]
    [InlineData("format", "\"factory-corpus/v2\"", "format")]
    [InlineData("synthetic", "false", "synthetic")]
    [InlineData("imageSize", "0", "imageSize")]
    [InlineData("imageSize", "\"many\"", "imageSize")]
    [InlineData("imageSize", null, "imageSize")]
    [InlineData("seed", "1", "canonical")]
    [InlineData("recipe", "\"abc\"", "recipe")]
    [InlineData("modality", "\"mri\"", "modality")]
    [InlineData("categories", """{"background":0,"names":["Normal"]}""", "categories")]
    [InlineData("categories", """{"background":4,"names":["Normal","DryAmd","Pcv","WetAmd"]}""", "background")]
    [InlineData("name", "\"../out\"", "name")]
    [InlineData("name", "null", "name")]
    [InlineData("builtAt", "\"2026\"", "canonical")]
    [InlineData("samples", "8", "samples")]
    [InlineData("counts", """{"DryAmd":3,"Normal":3,"WetAmd":1}""", "counts says 3")]
    [InlineData("counts", """{"DryAmd":4,"Normal":2,"Other":0,"WetAmd":1}""", "Other")]
    [InlineData("counts", """{"DryAmd":9223372036854775807,"Normal":2,"WetAmd":1}""", "DryAmd")]
    [InlineData("shards", """[{"bytes":1}]""", "shards[0]")]
    [InlineData("shards", "[null]", "shards[0]")]
    [InlineData("shards", "null", "shards")]
    [InlineData("shards", "{}", "shards")]
    public void Field_ThatIsWrong_IsNamed(string field, string? value, string named)
    {
        JsonObject json = JsonNode.Parse(Whole.ToCanonicalBytes())!.AsObject();
        if (value is null) json.Remove(field);
        else json[field] = JsonNode.Parse(value);
        ManifestFormatException error = Should.Throw<ManifestFormatException>(() => CorpusManifest.Read(CanonicalJson.Serialize(json), "some.json"));
        error.Message.ShouldStartWith("some.json: ");
        error.Message.ShouldContain(named);
    }

    [Fact]
    public void ShardsThatContradict_AreRefused()
    {
        Refusal(Whole with { Shards = [Whole.Shards[1], Whole.Shards[0]] }).ShouldContain("shards[0].name");
        Refusal(Whole with { Shards = [Whole.Shards[0] with { Samples = 4 }, Whole.Shards[1]] }).ShouldContain("shards[0].counts");
        Refusal(Whole with { Shards = [Whole.Shards[0]] }).ShouldContain("samples");
        Refusal(Whole with { Shards = [SmallCorpus.Shard(0, 3, 0, 0, 0), Whole.Shards[1]] }).ShouldContain("Normal");
    }

    [Fact]
    public void AnyChangedByte_IsRefusedOrChangesTheDigest() => Gen.Select(Gen.Int[0, Whole.ToCanonicalBytes().Length - 1], Gen.Byte).Sample(
        (at, value) =>
        {
            byte[] bytes = Whole.ToCanonicalBytes();
            if (bytes[at] == value) return true;
            bytes[at] = value;
            try
            {
                return CorpusManifest.Read(bytes, "some.json").Digest != Whole.Digest;
            }
            catch (ManifestFormatException)
            {
                return true;
            }
        },
        iter: 2000);

    [Fact]
    public void Bytes_ThatAreNotCanonical_AreRefused()
    {
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read([.. Whole.ToCanonicalBytes(), (byte)'\n'], "f")).Message.ShouldContain("canonical");
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read("{"u8.ToArray(), "f"));
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read("[]"u8.ToArray(), "f"));
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read("null"u8.ToArray(), "f"));
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read([], "f"));
    }

    [Fact]
    public void SampleMetadata_WritesSeedsAsText_SinceNumbersDoNotCarryThem()
    {
        SampleMetadata metadata = SmallCorpus.Metadata("abc", 0);
        JsonNode.Parse(metadata.ToCanonicalBytes())!["seed"]!.GetValue<string>().ShouldBe("18446744073709551615");
    }

    private static string Refusal(CorpusManifest manifest) =>
        Should.Throw<ManifestFormatException>(() => CorpusManifest.Read(manifest.ToCanonicalBytes(), "some.json")).Message;
}
