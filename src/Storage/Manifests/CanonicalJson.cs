using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Contracts;

namespace Factory.Storage.Manifests;

/// <summary>JSON with one form for each content: members sorted by name, no white space, UTF-8, only what must be escaped escaped (after RFC 8785).</summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Names that differ only in case are different names here.
    private static readonly JsonSerializerOptions Writing = new(ContractJson.Options) { PropertyNameCaseInsensitive = false };

    /// <summary>The settings for reading what a stranger may have written: no null where none may be.</summary>
    internal static JsonSerializerOptions Reading { get; } = new(ContractJson.Options) { RespectNullableAnnotations = true };

    /// <summary>The canonical bytes of a value.</summary>
    /// <param name="value">Anything <see cref="ContractJson.Options"/> can write.</param>
    public static byte[] Serialize<T>(T value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Writer)) Write(writer, JsonSerializer.SerializeToNode(value, Writing));
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach ((string name, JsonNode? member) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (JsonNode? item in items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
