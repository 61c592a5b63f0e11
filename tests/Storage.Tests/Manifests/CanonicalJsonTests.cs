using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Factory.Storage.Manifests;

namespace Factory.Storage.Tests.Manifests;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Members_AreSortedByUtf16CodeUnits_AtEveryDepth() =>
        Canonical("""{ "b": [ { "z": 1, "a": 2 } ], "B": 3, "é": 4, "a": null }""").ShouldBe("""{"B":3,"a":null,"b":[{"a":2,"z":1}],"é":4}""");

    [Fact]
    public void Null_IsNull() => CanonicalJson.Serialize((JsonNode?)null).ShouldBe("null"u8.ToArray());

    [Fact]
    public void AnyDouble_ReadsBackTheSame() => Gen.Double.Where(double.IsFinite).Sample(
        value =>
        {
            using JsonDocument document = JsonDocument.Parse(CanonicalJson.Serialize(value));
            return BitConverter.DoubleToInt64Bits(document.RootElement.GetDouble()) == BitConverter.DoubleToInt64Bits(value);
        },
        iter: 5000);

    [Fact]
    public void AnyString_ReadsBackTheSame_AndIsAFixedPoint() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
    {
        byte[] canonical = CanonicalJson.Serialize(new Dictionary<string, string> { [text] = text });
        using JsonDocument document = JsonDocument.Parse(canonical);
        JsonProperty property = document.RootElement.EnumerateObject().Single();
        return property.Name == text && property.Value.GetString() == text && CanonicalJson.Serialize(document.RootElement).SequenceEqual(canonical);
    });

    [Fact]
    public void AnyOrderOfMembers_GivesTheSameBytes() => Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 5].Array[0, 12], Gen.Int[0, 1000]).Sample((names, turn) =>
    {
        string[] distinct = [.. names.Distinct()];
        string[] turned = [.. distinct.Skip(turn % (distinct.Length + 1)), .. distinct.Take(turn % (distinct.Length + 1))];
        return CanonicalJson.Serialize(distinct.ToDictionary(name => name, name => name.Length))
            .SequenceEqual(CanonicalJson.Serialize(turned.ToDictionary(name => name, name => name.Length)));
    });

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Serialize(JsonNode.Parse(json)));
}
